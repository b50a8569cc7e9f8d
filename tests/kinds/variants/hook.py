# %% record right: the leaves' forward is wrapped
def record(model, x):
    entries = []
    names = {module: name for name, module in model.named_modules() if next(module.children(), None) is None}

    def watched(module):
        plain = module.forward

        def forward(*args, **kwargs):
            output = plain(*args, **kwargs)
            entries.append((names[module], float(torch.mean(torch.abs(output)))))
            return output

        return forward

    try:
        for module in names:
            module.forward = watched(module)
        model(x)
    finally:
        for module in names:
            module.__dict__.pop("forward", None)
    return entries


# %% record oracle
# torch's own hook for all modules at once.
def record(model, x):
    entries, names = [], {id(module): name for name, module in model.named_modules()}

    def keep(module, _, output):
        if len(module._modules) == 0:
            entries.append((names[id(module)], output.abs().mean().item()))

    handle = nn.modules.module.register_module_forward_hook(keep)
    try:
        model(x)
    finally:
        handle.remove()
    return entries


# %% record wrong: hooks stay
# The handles are thrown away: the hooks stay on the model, and run at every later call.
def record(model, x):
    entries = []
    for name, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_hook(lambda _, __, y, name=name: entries.append((name, y.abs().mean().item())))
    model(x)
    return entries


# %% record wrong: hooks stay when the call raises
# The hooks are removed only when the call went well: put the removal into a finally block.
def record(model, x):
    entries, handles = [], []
    for name, module in model.named_modules():
        if not list(module.children()):
            keep = lambda _, __, y, name=name: entries.append((name, y.abs().mean().item()))
            handles.append(module.register_forward_hook(keep))
    model(x)
    for handle in handles:
        handle.remove()
    return entries


# %% record wrong: in the order of registration
# The entries follow named_modules; they are to follow the order in which the modules were called, and a module called twice has two.
def record(model, x):
    found, handles = {}, []
    for name, module in model.named_modules():
        if not list(module.children()):
            found[name] = None
            keep = lambda _, __, y, name=name: found.update({name: y.abs().mean().item()})
            handles.append(module.register_forward_hook(keep))
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return list(found.items())


# %% record wrong: containers too
# Containers are recorded as well; a leaf is a module without children.
def record(model, x):
    entries, handles = [], []
    for name, module in model.named_modules():
        keep = lambda _, __, y, name=name: entries.append((name, y.abs().mean().item()))
        handles.append(module.register_forward_hook(keep))
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return entries


# %% record wrong: the tensors are kept and averaged later
# The outputs are averaged after the call, when a later in-place ReLU has overwritten some of them: reduce or clone inside the hook.
def record(model, x):
    entries, handles = [], []
    for name, module in model.named_modules():
        if not list(module.children()):
            handles.append(module.register_forward_hook(lambda _, __, y, name=name: entries.append((name, y))))
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return [(name, y.abs().mean().item()) for name, y in entries]
