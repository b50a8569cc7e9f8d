# Right and wrong answers to the exercises of `modules`. The comment below a wrong one is what a student is told.

# %% tiny_module right: three dicts and __getattr__, as in torch
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module right: looks through the attributes when it is asked
class TinyModule:
    def __init__(self):
        self._names = set()
        self.training = True

    def __setattr__(self, name, value):
        if isinstance(value, (nn.Parameter, TinyModule)) and "_names" not in self.__dict__:
            raise AttributeError(name)
        if name in self.__dict__ and type(self.__dict__[name]) is not type(value):
            del self.__dict__[name]
        if not isinstance(value, torch.Tensor):
            self.__dict__.get("_names", set()).discard(name)
        object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._names.add(name)
        object.__setattr__(self, name, tensor)

    def _tensors(self, buffers):
        for name, value in self.__dict__.items():
            if isinstance(value, nn.Parameter) or (buffers and name in self._names):
                yield name, value
        for name, value in self.__dict__.items():
            if isinstance(value, TinyModule):
                for below, tensor in value._tensors(buffers):
                    yield ".".join([name, below]), tensor

    def named_parameters(self):
        first = {}
        for name, p in self._tensors(False):
            first.setdefault(id(p), (name, p))
        return list(first.values())

    def parameters(self):
        return iter([p for _, p in self.named_parameters()])

    def state_dict(self):
        return {name: t.detach().view_as(t) for name, t in self._tensors(True)}

    def train(self, mode=True):
        self.training = mode
        for value in list(self.__dict__.values()):
            if isinstance(value, TinyModule):
                value.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        text = self.__class__.__name__ + "("
        for name, value in self.__dict__.items():
            if isinstance(value, TinyModule):
                text += "\n  (" + name + "): " + "\n  ".join(repr(value).split("\n"))
        return text + ("\n)" if "\n" in text else ")")

# %% tiny_module oracle
class TinyModule:
    """Keeps an nn.Module beside itself and asks it."""

    def __init__(self):
        self.__dict__["_twin"] = type(type(self).__name__, (nn.Module,), {})()
        self.__dict__["_twin"].owner = None

    def __setattr__(self, name, value):
        twin = self.__dict__.get("_twin")
        plain = not isinstance(value, (nn.Parameter, TinyModule))
        if twin is None:
            if plain:
                self.__dict__[name] = value
                return
            raise AttributeError("super().__init__()")
        if name == "training":
            twin.training = value
            return
        if plain and not (isinstance(value, torch.Tensor) and name in twin._buffers):
            if name in twin._parameters or name in twin._modules or name in twin._buffers:
                delattr(twin, name)
            self.__dict__[name] = value
            return
        self.__dict__.pop(name, None)
        if not plain and hasattr(twin, name):
            keep = twin._parameters if isinstance(value, nn.Parameter) else twin._modules
            if name not in keep:
                delattr(twin, name)
        setattr(twin, name, value.__dict__["_twin"] if isinstance(value, TinyModule) else value)
        if isinstance(value, TinyModule):
            object.__setattr__(value.__dict__["_twin"], "_tiny", value)

    def __getattr__(self, name):
        twin = self.__dict__.get("_twin")
        if twin is None:
            raise AttributeError(name)
        value = getattr(twin, name)
        return value._tiny if isinstance(value, nn.Module) else value

    def register_buffer(self, name, tensor):
        self._twin.register_buffer(name, tensor)

    def named_parameters(self):
        return self._twin.named_parameters()

    def parameters(self):
        return self._twin.parameters()

    def state_dict(self):
        return dict(self._twin.state_dict())

    def train(self, mode=True):
        self._twin.train(mode)
        return self

    def eval(self):
        self._twin.eval()
        return self

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        return repr(self._twin)

# %% tiny_module wrong: names without the path
# The names below carry no path. A parameter `gain` of the submodule `head` is called `head.gain`; without the path two parts with the same names overwrite each other.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix, memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: only the last name of the path
# Two levels down, the path has lost its beginning: each module has to put its own name in front of names that already carry a path.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: every tensor is a buffer
# Your module lists every tensor that is assigned to it. A plain tensor is an ordinary attribute; a buffer is one that `register_buffer` has named.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: a shared parameter comes twice
# A parameter that is reached under two names comes twice from named_parameters(): an optimiser would move it twice. Remember what you have handed out, by identity, for the whole tree.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if True:
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: remembers within one module only
# A parameter shared between two submodules comes twice: each module remembers only what it handed out itself. Pass one memory down through the whole tree.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".")

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: the state_dict leaves shared ones out
# In the state_dict a shared parameter stands under each of its names. You left the second name out, so a net that is not tied could not load it.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        first = {}
        for name, tensor in found.items():
            if all(tensor.data_ptr() != other.data_ptr() for other in first.values()):
                first[name] = tensor
        return first

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: the state_dict copies
# The entries of your state_dict are copies. They have to share memory with the module: what is written into an entry is written into the module.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.detach().clone() for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: the entries ask for gradients
# The entries of your state_dict are the parameters themselves and still ask for gradients. Hand out `tensor.detach()`, which shares the memory and nothing else.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: a buffer that is assigned falls off the list
# A tensor assigned to a buffer's name is the buffer from then on. With you the name leaves the list, and what the layer has counted is not in the state_dict.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: what was replaced stays on the list
# What was assigned before stays on your list: after `self.w = None` the parameter `w` is still trained and saved. Take the name off all lists before you file the new value.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        if value is not None:
            for entries in ("_parameters", "_buffers", "_modules"):
                self.__dict__.get(entries, {}).pop(name, None)
            self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: one list for all modules
# Your lists belong to the class, so all modules write into the same ones. Make them in `__init__`, new for each module.
class TinyModule:
    _parameters, _buffers, _modules = {}, {}, {}

    def __init__(self):
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in getattr(TinyModule, entries):
                return getattr(TinyModule, entries)[name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self._buffers
        for entries in ("_parameters", "_buffers", "_modules"):
            getattr(TinyModule, entries).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: eval reaches one level
# train() and eval() reach the submodules and stop there. A dropout two levels down stays in training. Let every submodule pass the mode on.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in (self, *self._modules.values()):
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: train forgets the mode
# train(False) puts your module into training: the argument is not used. Many programs switch by `train(mode)`.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = True
        return self

    def eval(self):
        for part in self._modules_below():
            part.training = False
        return self

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: only the first line is indented
# In a deep tree your repr is ragged: the text of a submodule has several lines, and each of them moves in by two blanks.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  "
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, ")"])

# %% tiny_module wrong: lists what is given before super().__init__()
# A parameter assigned before super().__init__() has no list to go on. Yours loses it without a word; torch stops with an AttributeError, and so should you.
class TinyModule:
    def __init__(self):
        for name in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, name, {})
        object.__setattr__(self, "training", True)

    def __getattr__(self, name):
        for entries in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(entries, {}):
                return self.__dict__[entries][name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        was_buffer = name in self.__dict__.get("_buffers", {})
        for entries in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(entries, {}).pop(name, None)
        self.__dict__.pop(name, None)
        if "_parameters" not in self.__dict__:
            object.__setattr__(self, name, value)
        elif isinstance(value, nn.Parameter):
            self._parameters[name] = value
        elif isinstance(value, TinyModule):
            self._modules[name] = value
        elif was_buffer and isinstance(value, torch.Tensor):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def register_buffer(self, name, tensor):
        self._buffers[name] = tensor

    def named_parameters(self, prefix="", memo=None):
        memo = [] if memo is None else memo
        for name, p in self._parameters.items():
            if not any(p is other for other in memo):
                memo.append(p)
                yield prefix + name, p
        for name, part in self._modules.items():
            yield from part.named_parameters(prefix + name + ".", memo)

    def parameters(self):
        for _, p in self.named_parameters():
            yield p

    def state_dict(self, prefix=""):
        found = {prefix + name: t.data for name, t in [*self._parameters.items(), *self._buffers.items()]}
        for name, part in self._modules.items():
            found.update(part.state_dict(prefix + name + "."))
        return found

    def _modules_below(self):
        yield self
        for part in self._modules.values():
            yield from part._modules_below()

    def train(self, mode=True):
        for part in self._modules_below():
            part.training = mode
        return self

    def eval(self):
        return self.train(mode=False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self, level=1):
        head = type(self).__name__ + "("
        if not self._modules:
            return head + ")"
        pad = "  " * level
        rows = [f"{pad}({name}): {part.__repr__(level + 1)}" for name, part in self._modules.items()]
        return "\n".join([head, *rows, "  " * (level - 1) + ")"])

# %% tiny_module wrong: the state_dict detaches in place
# `detach_()` works on the tensor itself: after the first state_dict() your parameters ask for no gradients any more. `detach()`, without the line below, hands out a new tensor that shares the memory.
class TinyModule:
    def __init__(self):
        self.__dict__.update(_listed={}, training=True)

    def __setattr__(self, name, value):
        """Put ``value`` on the list where it belongs, and make it readable as ``self.name``."""
        listed = self.__dict__.get("_listed", {})
        kind = "parameter" if isinstance(value, nn.Parameter) else "module" if isinstance(value, TinyModule) else None
        if kind and "_listed" not in self.__dict__:
            raise AttributeError("call super().__init__() first")
        if isinstance(value, torch.Tensor) and listed.get(name) == "buffer":
            kind = kind or "buffer"
        if listed.get(name) != kind:
            listed.pop(name, None)
        if kind:
            listed[name] = kind
        self.__dict__[name] = value

    def register_buffer(self, name, tensor):
        self._listed[name] = "buffer"
        self.__dict__[name] = tensor

    def named_parameters(self):
        """Pairs (name, parameter), each parameter once."""
        seen = set()
        for name, parameter in self._walk(["parameter"]):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]

    def state_dict(self):
        """Name -> tensor, for parameters and buffers; shares memory, asks for no gradient."""
        return {name: tensor.detach_() for name, tensor in self._walk(["parameter", "buffer"])}

    def train(self, mode=True):
        self.training = mode
        for _, part in self._own(["module"]):
            part.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        lines = [f"({name}): {part!r}".replace("\n", "\n  ") for name, part in self._own(["module"])]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({inside}\n)" if lines else f"{type(self).__name__}()"

    def _own(self, kinds):
        return [(name, self.__dict__[name]) for name, kind in self._listed.items() if kind in kinds]

    def _walk(self, kinds):
        found = self._own(kinds)
        for name, part in self._own(["module"]):
            found += [(f"{name}.{below}", value) for below, value in part._walk(kinds)]
        return found

# %% tiny_module wrong: a buffer stays one whatever comes
# What is assigned to the name of a buffer stays a buffer with you, a parameter or a number too. Only a plain tensor takes the place of a buffer; anything else is filed by its own kind.
class TinyModule:
    def __init__(self):
        self.__dict__.update(_listed={}, training=True)

    def __setattr__(self, name, value):
        """Put ``value`` on the list where it belongs, and make it readable as ``self.name``."""
        listed = self.__dict__.get("_listed", {})
        kind = "parameter" if isinstance(value, nn.Parameter) else "module" if isinstance(value, TinyModule) else None
        if kind and "_listed" not in self.__dict__:
            raise AttributeError("call super().__init__() first")
        if listed.get(name) == "buffer":
            kind = "buffer"
        if listed.get(name) != kind:
            listed.pop(name, None)
        if kind:
            listed[name] = kind
        self.__dict__[name] = value

    def register_buffer(self, name, tensor):
        self._listed[name] = "buffer"
        self.__dict__[name] = tensor

    def named_parameters(self):
        """Pairs (name, parameter), each parameter once."""
        seen = set()
        for name, parameter in self._walk(["parameter"]):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]

    def state_dict(self):
        """Name -> tensor, for parameters and buffers; shares memory, asks for no gradient."""
        return {name: tensor.detach() for name, tensor in self._walk(["parameter", "buffer"])}

    def train(self, mode=True):
        self.training = mode
        for _, part in self._own(["module"]):
            part.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        lines = [f"({name}): {part!r}".replace("\n", "\n  ") for name, part in self._own(["module"])]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({inside}\n)" if lines else f"{type(self).__name__}()"

    def _own(self, kinds):
        return [(name, self.__dict__[name]) for name, kind in self._listed.items() if kind in kinds]

    def _walk(self, kinds):
        found = self._own(kinds)
        for name, part in self._own(["module"]):
            found += [(f"{name}.{below}", value) for below, value in part._walk(kinds)]
        return found

# %% tiny_module wrong: writes into the old parameter
# A parameter assigned to a name that has one is not put there: you copy its numbers into the old one. Whoever trains the new one, or shares it, waits for nothing to happen here.
class TinyModule:
    def __init__(self):
        self.__dict__.update(_listed={}, training=True)

    def __setattr__(self, name, value):
        """Put ``value`` on the list where it belongs, and make it readable as ``self.name``."""
        listed = self.__dict__.get("_listed", {})
        kind = "parameter" if isinstance(value, nn.Parameter) else "module" if isinstance(value, TinyModule) else None
        if kind and "_listed" not in self.__dict__:
            raise AttributeError("call super().__init__() first")
        if isinstance(value, torch.Tensor) and listed.get(name) == "buffer":
            kind = kind or "buffer"
        if listed.get(name) != kind:
            listed.pop(name, None)
        if kind:
            listed[name] = kind
        old = self.__dict__.get(name)
        if isinstance(value, nn.Parameter) and isinstance(old, nn.Parameter) and old.shape == value.shape:
            old.data = value.data
        else:
            self.__dict__[name] = value

    def register_buffer(self, name, tensor):
        self._listed[name] = "buffer"
        self.__dict__[name] = tensor

    def named_parameters(self):
        """Pairs (name, parameter), each parameter once."""
        seen = set()
        for name, parameter in self._walk(["parameter"]):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]

    def state_dict(self):
        """Name -> tensor, for parameters and buffers; shares memory, asks for no gradient."""
        return {name: tensor.detach() for name, tensor in self._walk(["parameter", "buffer"])}

    def train(self, mode=True):
        self.training = mode
        for _, part in self._own(["module"]):
            part.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        lines = [f"({name}): {part!r}".replace("\n", "\n  ") for name, part in self._own(["module"])]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({inside}\n)" if lines else f"{type(self).__name__}()"

    def _own(self, kinds):
        return [(name, self.__dict__[name]) for name, kind in self._listed.items() if kind in kinds]

    def _walk(self, kinds):
        found = self._own(kinds)
        for name, part in self._own(["module"]):
            found += [(f"{name}.{below}", value) for below, value in part._walk(kinds)]
        return found

# %% tiny_module wrong: what is frozen is not listed
# You list only parameters that ask for gradients. A frozen one is a parameter all the same: it belongs to the net, and may be unfrozen again.
class TinyModule:
    def __init__(self):
        self.__dict__.update(_listed={}, training=True)

    def __setattr__(self, name, value):
        """Put ``value`` on the list where it belongs, and make it readable as ``self.name``."""
        listed = self.__dict__.get("_listed", {})
        kind = "parameter" if isinstance(value, nn.Parameter) else "module" if isinstance(value, TinyModule) else None
        if kind and "_listed" not in self.__dict__:
            raise AttributeError("call super().__init__() first")
        if isinstance(value, torch.Tensor) and listed.get(name) == "buffer":
            kind = kind or "buffer"
        if listed.get(name) != kind:
            listed.pop(name, None)
        if kind:
            listed[name] = kind
        self.__dict__[name] = value

    def register_buffer(self, name, tensor):
        self._listed[name] = "buffer"
        self.__dict__[name] = tensor

    def named_parameters(self):
        """Pairs (name, parameter), each parameter once."""
        seen = set()
        for name, parameter in self._walk(["parameter"]):
            if parameter.requires_grad and id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]

    def state_dict(self):
        """Name -> tensor, for parameters and buffers; shares memory, asks for no gradient."""
        return {name: tensor.detach() for name, tensor in self._walk(["parameter", "buffer"])}

    def train(self, mode=True):
        self.training = mode
        for _, part in self._own(["module"]):
            part.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def __repr__(self):
        lines = [f"({name}): {part!r}".replace("\n", "\n  ") for name, part in self._own(["module"])]
        inside = "".join(f"\n  {line}" for line in lines)
        return f"{type(self).__name__}({inside}\n)" if lines else f"{type(self).__name__}()"

    def _own(self, kinds):
        return [(name, self.__dict__[name]) for name, kind in self._listed.items() if kind in kinds]

    def _walk(self, kinds):
        found = self._own(kinds)
        for name, part in self._own(["module"]):
            found += [(f"{name}.{below}", value) for below, value in part._walk(kinds)]
        return found

# %% running_scale right: in place under no_grad, with lerp
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale right: nn.Buffer, counted by assignment
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.keep = 1 - momentum
        self.gain = nn.Parameter(start * torch.ones(width))
        self.scale = nn.Buffer(torch.ones(width))
        self.steps = nn.Buffer(torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        if self.training:
            mean = x.detach().abs().sum(0) / len(x)
            self.scale = self.scale + (1 - self.keep) * (mean - self.scale)
            self.steps = self.steps + 1
        return x * (self.gain / self.scale)

# %% running_scale oracle
class RunningScale(nn.Module):
    """The mean of |x| is the running mean of a batch normalisation of |x|; its own counter counts the steps."""

    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.gain = nn.Parameter(torch.full((width,), start))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))
        self.momentum = momentum

    def forward(self, x):
        if self.training:
            twice = x.detach().abs().repeat(2, 1)
            F.batch_norm(twice, self.scale, torch.ones_like(self.scale), training=True, momentum=self.momentum)
            self.steps.add_(1)
        return torch.div(self.gain * x, self.scale)

# %% running_scale faulty start
# Still not mended: five mistakes. `nn.Parameter(...) * start` is a plain tensor; `self.scale` is one too; `register_buffer` returns None; the state moves in evaluation; and it keeps the graph of every batch.

# %% running_scale wrong: the gain is multiplied after wrapping
# `nn.Parameter(...) * start` is an ordinary tensor: nobody trains it and nobody saves it. Make the tensor first, wrap it last.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.ones(width)) * start
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: start is lost
# The gain begins at 1 whatever `start` says. Multiply inside: `nn.Parameter(torch.ones(width) * start)`.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.ones(width))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: the scale is a plain tensor
# `scale` is a plain tensor: it is neither saved nor converted with the layer. Register it as a buffer.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.scale = torch.ones(width)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: the scale is a parameter
# `scale` is measured, not learned. As a parameter it is handed to the optimiser, and a later `requires_grad_(True)` would train it. It belongs among the buffers.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.scale = nn.Parameter(torch.ones(width), requires_grad=False)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: the scale is not saved
# With `persistent=False` the scale moves with the layer but is not in its state_dict: a layer that takes over begins to measure anew.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width), persistent=False)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: the state moves in evaluation
# `scale` and `steps` move in evaluation too, so a prediction depends on what was predicted before. Ask `self.training`.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if True:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: only the count asks for the mode
# `steps` keeps still in evaluation, `scale` does not.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        with torch.no_grad():
            self.scale.lerp_(x.abs().mean(0), self.momentum)
            self.steps.add_(self.training)
        return self.gain * x / self.scale

# %% running_scale wrong: the graph hangs on
# `scale` was computed with gradients, so it carries the graph of this batch into the next one, where backward() finds it used up. Measure on `x.detach()`.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            self.scale = self.scale.lerp(x.abs().mean(0), self.momentum)
            self.steps += 1
        return self.gain * x / self.scale

# %% running_scale wrong: only the old scale is detached
# The first batch is let go, but the gradient of each batch still runs through its own scale. For gradients the scale is a constant: detach the mean.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            self.scale = self.scale.detach().lerp(x.abs().mean(0), self.momentum)
            self.steps += 1
        return self.gain * x / self.scale

# %% running_scale wrong: momentum on the wrong side
# You keep `momentum` of the old scale and take the rest from the batch. Here, as in batch normalisation, momentum is the share of what is new.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), 1 - self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: one scale for all columns
# The mean is taken over the whole batch, columns included. Each column has its own: mean over axis 0.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(), self.momentum)
                self.steps.add_(1)
        return self.gain * x / self.scale

# %% running_scale wrong: the scale of the batch before
# The output is divided by the scale as it was before this batch. Move the scale first.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        y = self.gain * x / self.scale
        if self.training:
            with torch.no_grad():
                self.scale = torch.lerp(self.scale, x.abs().mean(0), self.momentum)
                self.steps.add_(1)
        return y

# %% running_scale wrong: the steps are a plain number
# `steps` is a Python number: right while you watch, gone from the state_dict. A layer that takes over counts from 0.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.full((width,), float(start)))
        self.register_buffer("scale", torch.ones(width))
        self.steps = 0

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.scale.lerp_(x.abs().mean(0), self.momentum)
                self.steps += 1
        return self.gain * x / self.scale

# %% running_scale wrong: measures only where gradients are recorded
# Your layer rests under `torch.no_grad()` too. The mode is `self.training` and nothing else; `no_grad` is for autograd.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.ones(width) * start)
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training and torch.is_grad_enabled():
            mean = x.detach().abs().mean(0)
            self.scale = (1 - self.momentum) * self.scale + self.momentum * mean
            self.steps += 1
        return self.gain * x / self.scale

# %% running_scale wrong: measured in float32
# You measure in float32, so in a layer made float64 the scale keeps seven digits, and large numbers become infinite. Let the mean keep the dtype of the input.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.ones(width) * start)
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean = x.detach().float().abs().mean(0)
            self.scale = (1 - self.momentum) * self.scale + self.momentum * mean
            self.steps += 1
        return self.gain * x / self.scale

# %% running_scale wrong: evaluation without gradients
# In evaluation your output is cut out of the graph. The mode decides what is measured; gradients flow in both, as through a frozen part of a larger net.
class RunningScale(nn.Module):
    def __init__(self, width, start=1.0, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.gain = nn.Parameter(torch.ones(width) * start)
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        if self.training:
            mean = x.detach().abs().mean(0)
            self.scale = (1 - self.momentum) * self.scale + self.momentum * mean
            self.steps += 1
        y = self.gain * x / self.scale
        return y if self.training else y.detach()

# %% twin_net right: matrix products, scaled rand
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net right: a mask by hand, start values by nn.init
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.keep = 1 - p
        self.weight1 = nn.Parameter(torch.zeros(hidden, in_features))
        self.bias1 = nn.Parameter(torch.zeros(hidden))
        self.weight2 = nn.Parameter(torch.zeros(out_features, hidden))
        self.bias2 = nn.Parameter(torch.zeros(out_features))
        for weight, bias in [(self.weight1, self.bias1), (self.weight2, self.bias2)]:
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
            nn.init.uniform_(bias, -(weight.shape[1] ** -0.5), weight.shape[1] ** -0.5)

    def forward(self, x):
        h = torch.einsum("...i,oi->...o", x, self.weight1) + self.bias1
        h = h.clamp(min=0)
        if self.training:
            h = torch.where(torch.rand_like(h) < self.keep, h / self.keep, torch.zeros_like(h))
        return torch.einsum("...i,oi->...o", h, self.weight2) + self.bias2

# %% twin_net oracle
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        one, two = nn.Linear(in_features, hidden), nn.Linear(hidden, out_features)
        self.weight1, self.bias1, self.weight2, self.bias2 = one.weight, one.bias, two.weight, two.bias
        object.__setattr__(self, "aside", (one, nn.ReLU(), nn.Dropout(p), two))

    def forward(self, x):
        one, bend, drop, two = self.aside
        x = F.linear(x, self.weight1, self.bias1)
        return F.linear(drop.train(self.training)(bend(x)), self.weight2, self.bias2)

# %% twin_net wrong: weights from randn
# The weights come from `randn`: spread 1, whatever the number of inputs. With 784 inputs the hidden values would be fifty times too large.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(torch.randn(hidden, in_features))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(torch.randn(out_features, hidden))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: normal with the right spread
# Spread and shape are two things: you drew from a normal distribution with about the right spread, nn.Linear draws from a uniform one.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 / math.sqrt(3) * torch.randn(hidden, in_features))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 / math.sqrt(3) * torch.randn(out_features, hidden))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: one bound for both layers
# Both layers start with the bound of the first. The second layer sums over `hidden` values, so its bound is 1/sqrt(hidden).
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(in_features)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: bound from the outputs
# The bound shrinks with the number of outputs. What adds up is the number of inputs.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(hidden), 1 / math.sqrt(out_features)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: only positive start values
# `rand` lies between 0 and 1: all your start values are positive. Stretch to 2r - 1 first.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * torch.rand(hidden, in_features))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * torch.rand(out_features, hidden))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: biases at zero
# The biases begin at zero. nn.Linear draws them from the same range as the weights.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(torch.zeros(hidden))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: dropout without the mode
# F.dropout was not told the mode, and drops in evaluation as well. Hand it `training=self.training`.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: p is ignored
# The rate is 0.5 whatever `p` says.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, training=self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: a mask that does not scale up
# What is kept has to be divided by 1 - p, or the second layer sees less in training than in evaluation.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        if self.training:
            h = h * (torch.rand_like(h) > self.p)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: dropout behind the second layer
# The dropout stands behind the second layer and drops whole outputs. In `Net` it drops hidden values.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        return F.dropout(h @ self.weight2.T + self.bias2, self.p, self.training)

# %% twin_net wrong: plain tensors for the biases
# The biases are plain tensors: not trained, not saved. Only an nn.Parameter is put on the list.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = k1 * (2 * torch.rand(hidden) - 1)
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = k2 * (2 * torch.rand(out_features) - 1)

    def forward(self, x):
        h = torch.relu(x @ self.weight1.T + self.bias1)
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: no bend
# The ReLU is missing between the two layers, so the twin is one straight line in evaluation.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        k1, k2 = 1 / math.sqrt(in_features), 1 / math.sqrt(hidden)
        self.weight1 = nn.Parameter(k1 * (2 * torch.rand(hidden, in_features) - 1))
        self.bias1 = nn.Parameter(k1 * (2 * torch.rand(hidden) - 1))
        self.weight2 = nn.Parameter(k2 * (2 * torch.rand(out_features, hidden) - 1))
        self.bias2 = nn.Parameter(k2 * (2 * torch.rand(out_features) - 1))

    def forward(self, x):
        h = x @ self.weight1.T + self.bias1
        h = F.dropout(h, self.p, self.training)
        return h @ self.weight2.T + self.bias2

# %% twin_net wrong: one mask for several batches
# With two leading axes you draw one mask and use it along the first axis. Every number is to be kept or dropped by itself, wherever it stands.
class TwinNet(nn.Module):
    def __init__(self, in_features, hidden, out_features, p=0.5):
        super().__init__()
        self.p = p
        for name, into, out in (("1", in_features, hidden), ("2", hidden, out_features)):
            bound = into**-0.5
            self.register_parameter("weight" + name, nn.Parameter(torch.empty(out, into).uniform_(-bound, bound)))
            self.register_parameter("bias" + name, nn.Parameter(torch.empty(out).uniform_(-bound, bound)))

    def forward(self, x):
        """(*, in_features) -> (*, out_features)"""
        hidden = F.relu(F.linear(x, self.weight1, self.bias1))
        mask = F.dropout(torch.ones_like(hidden if hidden.dim() < 3 else hidden[:1]), self.p, training=self.training)
        hidden = hidden * mask
        return F.linear(hidden, self.weight2, self.bias2)

# %% size_of right: one loop with a dict of counts
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of right: walks through the modules by itself
def size_of(module):
    seen, found = [], []
    def visit(part):
        for kind in ("_parameters", "_buffers"):
            for tensor in part.__dict__[kind].values():
                if tensor is not None and not any(tensor is other for other in seen):
                    seen.append(tensor)
                    found.append((kind, tensor.nelement(), tensor.requires_grad, tensor.nbytes))
        for child in part.children():
            visit(child)
    visit(module)
    return {
        "parameters": sum(n for kind, n, _, _ in found if kind == "_parameters"),
        "trainable": sum(n for kind, n, grad, _ in found if kind == "_parameters" and grad),
        "buffers": sum(n for kind, n, _, _ in found if kind == "_buffers"),
        "bytes": sum(b for *_, b in found),
    }

# %% size_of right: flattened into vectors
def size_of(module):
    def total(tensors):
        return int(sum(math.prod(t.shape) for t in tensors))
    params = [*module.parameters()]
    memory = sum(torch.finfo(t.dtype).bits * total([t]) if t.is_floating_point() else torch.iinfo(t.dtype).bits * total([t]) for t in [*params, *module.buffers()])
    return dict(parameters=total(params), trainable=total(filter(lambda p: p.requires_grad, params)), buffers=total(module.buffers()), bytes=memory // 8)

# %% size_of oracle
def size_of(module):
    from torch.nn.utils import parameters_to_vector
    def slots(tensors):
        return sum(t.contiguous().clone().untyped_storage().nbytes() // t.element_size() if t.numel() else 0 for t in tensors)
    parameters, buffers = list(module.parameters()), list(module.buffers())
    every = len(parameters_to_vector(p.double() for p in parameters)) if parameters else 0
    memory = sum(t.contiguous().clone().untyped_storage().nbytes() for t in parameters + buffers)
    return {"parameters": every, "trainable": slots([p for p in parameters if p.requires_grad]), "buffers": slots(buffers), "bytes": memory}

# %% size_of wrong: the state_dict is counted
# You counted the state_dict. It has shared tensors under each of their names, and it leaves out buffers that are not saved.
def size_of(module):
    names = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    trains = {name for name, p in module.named_parameters(remove_duplicate=False) if p.requires_grad}
    state = module.state_dict()
    return {
        "parameters": sum(t.numel() for name, t in state.items() if name in names),
        "trainable": sum(t.numel() for name, t in state.items() if name in trains),
        "buffers": sum(t.numel() for name, t in state.items() if name not in names),
        "bytes": sum(t.numel() * t.element_size() for t in state.values()),
    }

# %% size_of wrong: shared parts count again
# A part that is used twice is counted twice. Each object counts once, under however many names it is found.
def size_of(module):
    parameters = dict(module.named_parameters(remove_duplicate=False))
    buffers = dict(module.named_buffers(remove_duplicate=False))
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of wrong: once in each part
# Inside each part you count an object once, but you ask every part anew: what two parts share is counted twice.
def size_of(module):
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for part in module.modules():
        for p in part.parameters(recurse=False):
            count["parameters"] += p.numel()
            count["trainable"] += p.numel() if p.requires_grad else 0
            count["bytes"] += p.nbytes
        for b in part.buffers(recurse=False):
            count["buffers"] += b.numel()
            count["bytes"] += b.nbytes
    return count

# %% size_of wrong: four bytes for everything
# You took four bytes for every number. float64 and int64 take eight, float16 two: ask `element_size()`.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * 4
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * 4
    return count

# %% size_of wrong: the size of the first parameter for all
# You took the bytes of one number from the first parameter for all. Each tensor has its own dtype.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * next(module.parameters()).element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * next(module.parameters(), b).element_size()
    return count

# %% size_of wrong: frozen ones count as trainable
# Parameters that do not ask for gradients are not trainable: look at `requires_grad`.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel()
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of wrong: buffers take no memory
# Buffers take memory too: they belong into the bytes.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
    return count

# %% size_of wrong: only the module itself
# Only what the module itself holds is counted, not what its parts hold. The default of `parameters()` is to go down the whole tree.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters(recurse=False)}
    buffers = {id(b): b for _, b in module.named_buffers(recurse=False)}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of wrong: leaves only
# You looked at modules without children only. A module with parts can hold parameters of its own beside them.
def size_of(module):
    parameters, buffers = {}, {}
    for part in module.modules():
        if not list(part.children()):
            parameters |= {id(p): p for p in part.parameters()}
            buffers |= {id(b): b for b in part.buffers()}
    return {
        "parameters": sum(p.numel() for p in parameters.values()),
        "trainable": sum(p.numel() for p in parameters.values() if p.requires_grad),
        "buffers": sum(b.numel() for b in buffers.values()),
        "bytes": sum(t.nbytes for t in [*parameters.values(), *buffers.values()]),
    }

# %% size_of wrong: equal shapes taken for one
# You recognise what was counted by its shape. Two layers of one size are two layers.
def size_of(module):
    parameters = {tuple(p.shape): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of wrong: the number of tensors
# You counted tensors, not the numbers in them: `numel()`.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += 1
        count["trainable"] += p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += 1
        count["bytes"] += b.numel() * b.element_size()
    return count

# %% size_of wrong: a generator used twice
# `module.parameters()` is a generator: the first sum has used it up, and the second finds nothing. Make a list of it.
def size_of(module):
    parameters, buffers = module.parameters(), module.buffers()
    return {
        "parameters": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "buffers": sum(b.numel() for b in buffers),
        "bytes": sum(t.nbytes for t in [*module.parameters(), *module.buffers()]),
    }

# %% size_of wrong: not a Python int
# The counts have to be Python ints; yours are tensors or NumPy numbers.
def size_of(module):
    parameters = {id(p): p for _, p in module.named_parameters()}
    buffers = {id(b): b for _, b in module.named_buffers()}
    count = {"parameters": 0, "trainable": 0, "buffers": 0, "bytes": 0}
    for p in parameters.values():
        count["parameters"] += p.numel()
        count["trainable"] += p.numel() * p.requires_grad
        count["bytes"] += p.numel() * p.element_size()
    for b in buffers.values():
        count["buffers"] += b.numel()
        count["bytes"] += b.numel() * b.element_size()
    return {name: np.int64(n) for name, n in count.items()}

# %% size_of wrong: told apart by the address
# You tell tensors apart by `data_ptr()`. On the device `meta` every address is 0, so only one tensor is left; take `id(...)`, or the walks, which do so.
def size_of(module):
    """Module -> {"parameters": int, "trainable": int, "buffers": int, "bytes": int}"""
    parameters = list({p.data_ptr(): p for p in module.parameters()}.values())
    buffers = list({b.data_ptr(): b for b in module.buffers()}.values())
    return {
        "parameters": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "buffers": sum(b.numel() for b in buffers),
        "bytes": sum(t.numel() * t.element_size() for t in parameters + buffers),
    }

# %% size_of wrong: trainable in training only
# In evaluation you count nothing as trainable. The mode and `requires_grad` are two different things: a parameter that asks for gradients does so in either mode.
def size_of(module):
    """Module -> {"parameters": int, "trainable": int, "buffers": int, "bytes": int}"""
    parameters, buffers = list(module.parameters()), list(module.buffers())
    return {
        "parameters": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad and module.training),
        "buffers": sum(b.numel() for b in buffers),
        "bytes": sum(t.numel() * t.element_size() for t in parameters + buffers),
    }

# %% fine_tune right: the modes set one by one, flags by name
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune right: marks the parameters, asks in forward
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.add_module("body", body)
        self.add_module("head", head)
        self._frozen = False
        self.freeze()
        self.train()

    def forward(self, x):
        return nn.Sequential(self.body, self.head)(x)

    def train(self, mode=True):
        nn.Module.train(self, mode)
        return self._follow()

    def _follow(self):
        for part in self.body.modules():
            part.training = self.training and not self._frozen
        return self

    def freeze(self):
        if not self._frozen:
            self._fixed = {id(p) for p in self.body.parameters() if not p.requires_grad}
        self.body.zero_grad(set_to_none=True)
        return self._set(True)

    def unfreeze(self):
        return self._set(False)

    def _set(self, frozen):
        self._frozen = frozen
        for p in self.body.parameters():
            p.requires_grad = not frozen and id(p) not in self._fixed
            if frozen:
                p.grad = None
        return self._follow()

    def trainable(self):
        return [p for _, p in self.named_parameters() if p.requires_grad]

# %% fine_tune oracle
class FineTune(nn.Sequential):
    def __init__(self, body, head):
        from collections import OrderedDict
        super().__init__(OrderedDict(body=body, head=head))
        self.rests = False
        self.freeze().train()

    def train(self, mode=True):
        super().train(mode)
        if self.rests:
            self.body.eval()
        return self

    def freeze(self):
        if not self.rests:
            self.asked = {id(p) for p in self.body.parameters() if p.requires_grad}
        self.rests = True
        self.body.requires_grad_(False).zero_grad(set_to_none=True)
        for p in self.body.parameters():
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.rests = False
        for p in self.body.parameters():
            p.requires_grad_(id(p) in self.asked)
        self.body.train(self.training)
        return self

    def trainable(self):
        return [p for p in self.parameters() if p.requires_grad]

# %% fine_tune wrong: the body goes on measuring
# No parameter asks for gradients, but in training the body's batch normalisation measures on and its dropout drops. Freezing takes both: `requires_grad` and the mode.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        return self.train(self.training)

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: train() wakes the body
# The body is in evaluation only until somebody calls `train()`, and every training loop does. Override `train`.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: only the top of the body rests
# Only the body itself has its mode set, not the layers in it. `self.body.eval()` goes through all of them, `self.body.training = False` does not.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode)
        self.body.training = mode and not self.resting
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        return self.train(self.training)

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: in evaluation, and still learning
# The body is in evaluation, but its parameters still ask for gradients and move with every step. `eval()` freezes nothing.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: old gradients are kept
# The body's parameters keep the gradients of earlier training, and an optimiser moves whatever has one. Set `.grad` to None.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: old gradients set to zero
# A gradient of zeros is still a gradient: momentum and weight decay move the parameter. Set `.grad` to None.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None if p.grad is None else torch.zeros_like(p)
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: no_grad around the body
# Under `no_grad` (or behind a `detach()`) nothing flows through the body, not even to the input. Parameters that do not ask for gradients are enough.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        with torch.set_grad_enabled(not self.resting):
            features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: unfreeze wakes everything
# unfreeze() lets all parameters of the body learn, also those that did not before. Remember which ones asked for gradients.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(True)
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: freeze() twice forgets
# Called a second time, freeze() writes down that nobody asks for gradients, and unfreeze() then wakes nobody.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.freeze()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if True:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: unfreeze without the mode
# After unfreeze() the body stays in evaluation until the next train(). It has to take the mode of the whole at once.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: unfreeze always into training
# unfreeze() puts the body into training although the net is in evaluation.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train()
        return self

    def trainable(self):
        return list(filter(lambda p: p.requires_grad, self.parameters()))

# %% fine_tune wrong: trainable() is a generator
# trainable() has to be a list. A generator is used up after one pass, and an optimiser made from it later holds nothing.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return filter(lambda p: p.requires_grad, self.parameters())

# %% fine_tune wrong: trainable() as it was at first
# trainable() gives the head alone, always. After unfreeze() the body's parameters belong to it too.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head
        self.resting = True
        self.flags = {name: p.requires_grad for name, p in body.named_parameters()}
        self.freeze()
        self.train()

    def forward(self, x):
        features = self.body(x)
        return self.head(features)

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.body.train(mode and not self.resting)
        return self

    def freeze(self):
        if not self.resting:
            self.flags = {name: p.requires_grad for name, p in self.body.named_parameters()}
        self.resting = True
        for p in self.body.parameters():
            p.requires_grad_(False)
            p.grad = None
        self.body.eval()
        return self

    def unfreeze(self):
        self.resting = False
        for name, p in self.body.named_parameters():
            p.requires_grad_(self.flags[name])
        self.body.train(self.training)
        return self

    def trainable(self):
        return list(self.head.parameters())

# %% fine_tune wrong: unfreeze sets the mode of the head too
# `unfreeze()` and `freeze()` set the mode of the whole, and a head that somebody had put into evaluation wakes up. Set the body alone.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body, self.head, self.frozen = body, head, False
        self.freeze().train()

    def forward(self, x):
        return self.head(self.body(x))

    def train(self, mode=True):
        """Set the mode; eval() calls this with mode=False."""
        super().train(mode)
        if self.frozen:
            self.body.eval()
        return self

    def freeze(self):
        if not self.frozen:
            self.asked = [parameter for parameter in self.body.parameters() if parameter.requires_grad]
        for parameter in self.body.parameters():
            parameter.requires_grad, parameter.grad = False, None
        self.frozen = True
        return self.train(self.training)

    def unfreeze(self):
        for parameter in self.asked:
            parameter.requires_grad = True
        self.frozen = False
        return self.train(self.training)

    def trainable(self):
        """The parameters that ask for gradients, as a list."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

# %% fine_tune wrong: remembers the first freeze only
# You write down once, when it is made, which parameters asked for gradients. What was changed by hand while the body was free is undone at the next unfreeze(). Write it down at each freeze().
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body, self.head, self.frozen = body, head, False
        self.freeze().train()

    def forward(self, x):
        return self.head(self.body(x))

    def train(self, mode=True):
        """Set the mode; eval() calls this with mode=False."""
        super().train(mode)
        if self.frozen:
            self.body.eval()
        return self

    def freeze(self):
        if not hasattr(self, "asked"):
            self.asked = [parameter for parameter in self.body.parameters() if parameter.requires_grad]
        for parameter in self.body.parameters():
            parameter.requires_grad, parameter.grad = False, None
        self.body.eval()
        self.frozen = True
        return self

    def unfreeze(self):
        for parameter in self.asked:
            parameter.requires_grad = True
        for parameter in set(self.body.parameters()) - set(self.asked):
            parameter.requires_grad = False
        self.body.train(self.training)
        self.frozen = False
        return self

    def trainable(self):
        """The parameters that ask for gradients, as a list."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

# %% fine_tune wrong: the head sleeps on
# A head that was handed over in evaluation stays there: `self.training` of the whole says nothing about its parts. Call train() once at the end of __init__.
class FineTune(nn.Module):
    def __init__(self, body, head):
        super().__init__()
        self.body, self.head, self.frozen = body, head, False
        self.freeze()

    def forward(self, x):
        return self.head(self.body(x))

    def train(self, mode=True):
        """Set the mode; eval() calls this with mode=False."""
        super().train(mode)
        if self.frozen:
            self.body.eval()
        return self

    def freeze(self):
        if not self.frozen:
            self.asked = [parameter for parameter in self.body.parameters() if parameter.requires_grad]
        for parameter in self.body.parameters():
            parameter.requires_grad, parameter.grad = False, None
        self.body.eval()
        self.frozen = True
        return self

    def unfreeze(self):
        for parameter in self.asked:
            parameter.requires_grad = True
        self.body.train(self.training)
        self.frozen = False
        return self

    def trainable(self):
        """The parameters that ask for gradients, as a list."""
        return [parameter for parameter in self.parameters() if parameter.requires_grad]

# %% fits right: one loop, identities in a set
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits right: backward from all frozen, on a copy
def training_bytes(net, frozen, states=2):
    import copy

    trial = copy.deepcopy(net)
    for position in range(frozen):
        trial[position].requires_grad_(False)
    total = 0
    for tensor in list(trial.parameters()) + list(trial.buffers()):
        total += tensor.nbytes
        if tensor.requires_grad:
            total += tensor.nbytes * (states + 1)
    return total


def choose(net, budget, states=2):
    best = None
    for frozen in reversed(range(len(net) + 1)):
        if training_bytes(net, frozen, states) > budget:
            break
        best = frozen
    return best

# %% fits oracle
def training_bytes(net, frozen, states=2):
    """Freezes for a moment, and counts the places in storages."""
    flags = [(p, p.requires_grad) for p in net.parameters()]
    try:
        for part in [net[i] for i in range(frozen)]:
            part.requires_grad_(False)
        kept = {id(t): t for t in [*net.parameters(), *net.buffers()]}
        return sum(t.untyped_storage().nbytes() * ((2 + states) if t.requires_grad else 1) for t in kept.values())
    finally:
        for p, flag in flags:
            p.requires_grad = flag


def choose(net, budget, states=2):
    costs = [training_bytes(net, k, states) for k in range(len(net) + 1)]
    return next((k for k, cost in enumerate(costs) if cost <= budget), None)

# %% fits wrong: the gradient is forgotten
# You count the optimiser's states, but not the gradient itself: each parameter that trains needs 1 + states tensors beside it.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: a frozen part weighs nothing
# A frozen part is still held in memory. It saves its gradients and the optimiser's states only.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = int(id(p) not in asleep)
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: parameters that never trained
# Parameters of the later parts that do not ask for gradients need no gradient and no states.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: buffers left out
# Buffers take memory too.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: buffers get gradients
# Buffers have no gradient and no states: they count once.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += (2 + states) * b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: four bytes for everything
# You took four bytes for every number; float64, int64 and float16 take other amounts.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * 4
    for b in net.buffers():
        total += b.numel() * 4
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: shared objects count in each part
# You add up part by part, so what two parts share is counted twice.
def training_bytes(net, frozen, states=2):
    total = 0
    for position, part in enumerate(net):
        for p in part.parameters():
            total += p.nbytes * (2 + states if p.requires_grad and position >= frozen else 1)
        total += sum(b.nbytes for b in part.buffers())
    return total


def choose(net, budget, states=2):
    for frozen in range(len(net) + 1):
        if training_bytes(net, frozen, states) <= budget:
            return frozen

# %% fits wrong: a later part wakes what is shared
# A parameter that a frozen part shares with a later one is frozen: the object is the same. You count it as training.
def training_bytes(net, frozen, states=2):
    held = sum(t.nbytes for t in [*net.parameters(), *net.buffers()])
    later = nn.Sequential(*list(net)[frozen:])
    return held + sum((1 + states) * p.nbytes for p in later.parameters() if p.requires_grad)


def choose(net, budget, states=2):
    for frozen in range(len(net) + 1):
        if training_bytes(net, frozen, states) <= budget:
            return frozen
    return None

# %% fits wrong: smaller than the budget
# A net that takes exactly the budget fits: "at most" includes it.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) < budget]
    return min(fitting, default=None)

# %% fits wrong: never all of it
# You never try to freeze all parts: frozen goes from 0 to len(net), both included.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net)) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: the states are not handed on
# choose() always calculates with Adam: it does not hand `states` on.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k) <= budget]
    return min(fitting, default=None)

# %% fits wrong: freezes as much as it can
# You freeze as much as possible. Asked for is the smallest number of frozen parts that fits.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return max(fitting, default=None)

# %% fits wrong: the net stays frozen
# After your function the net is frozen: it calls requires_grad_(False) on the parts themselves. Count who would be frozen, and leave the flags alone.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[:frozen] for p in part.parameters()}
    total = 0
    net[:frozen].requires_grad_(False)
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: frozen from the back
# You freeze the last parts. The parts are frozen from the front.
def training_bytes(net, frozen, states=2):
    asleep = {id(p) for part in list(net)[len(net) - frozen :] for p in part.parameters()}
    total = 0
    for p in net.parameters():
        copies = 1
        if p.requires_grad and id(p) not in asleep:
            copies += 1 + states
        total += copies * p.numel() * p.element_size()
    for b in net.buffers():
        total += b.numel() * b.element_size()
    return total


def choose(net, budget, states=2):
    fitting = [k for k in range(len(net) + 1) if training_bytes(net, k, states) <= budget]
    return min(fitting, default=None)

# %% fits wrong: buffers from the state_dict
# You take the buffers from the state_dict, which leaves out those with `persistent=False`. They need their memory all the same: walk through `net.buffers()`.
def training_bytes(net, frozen, states=2):
    """Bytes for parameters, buffers, gradients and the optimiser's states."""
    held = sum(tensor.nbytes for tensor in [*net.parameters(), *(b for name, b in net.named_buffers() if name in net.state_dict())])
    asleep = set(net[:frozen].parameters())
    trains = [p for p in net.parameters() if p.requires_grad and p not in asleep]
    return held + sum((1 + states) * p.nbytes for p in trains)


def choose(net, budget, states=2):
    """The smallest number of parts to freeze, or None."""
    for frozen in range(len(net) + 1):
        if training_bytes(net, frozen, states) <= budget:
            return frozen
    return None

# %% fits wrong: told apart by the address
# You look for frozen parameters by `data_ptr()`. On the device `meta` every address is 0, so one frozen part freezes them all. Compare the objects.
def training_bytes(net, frozen, states=2):
    """Bytes for parameters, buffers, gradients and the optimiser's states."""
    held = sum(tensor.nbytes for tensor in [*net.parameters(), *net.buffers()])
    asleep = {p.data_ptr() for p in net[:frozen].parameters()}
    trains = [p for p in net.parameters() if p.requires_grad and p.data_ptr() not in asleep]
    return held + sum((1 + states) * p.nbytes for p in trains)


def choose(net, budget, states=2):
    """The smallest number of parts to freeze, or None."""
    for frozen in range(len(net) + 1):
        if training_bytes(net, frozen, states) <= budget:
            return frozen
    return None

# %% fits equivalent: for frozen in range(len(net) + 2):
# One part more than there are: net[:frozen] is the whole net, the bytes are those of len(net), and these did not fit.

# %% table right: a function that makes the hooks
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table right: one hook for all modules of the process
def table(net, x):
    from contextlib import ExitStack

    names = {module: name for name, module in net.named_modules()}
    modes = {module: module.training for module in names}
    rows, counted = [], set()

    def hook(module, args, output):
        if module in names:
            first = output[0] if isinstance(output, (tuple, list)) else output
            new = [p for p in module._parameters.values() if p is not None and id(p) not in counted]
            counted.update(map(id, new))
            rows.append((names[module], type(module).__name__, tuple(first.shape), sum(p.nelement() for p in new)))

    with ExitStack() as stack:
        handle = torch.nn.modules.module.register_module_forward_hook(hook)
        stack.callback(handle.remove)
        for module, mode in modes.items():
            stack.callback(setattr, module, "training", mode)
            module.training = False
        stack.enter_context(torch.inference_mode())
        net(x)
    return rows

# %% table oracle
def table(net, x):
    """Wraps each forward for the time of the call."""
    rows, counted = [], set()
    names = {}
    for name, module in net.named_modules():
        names.setdefault(module, name)
    modes = {module: module.training for module in names}

    def wrapped(module, forward):
        def call(*args, **kwargs):
            output = forward(*args, **kwargs)
            shape = tuple((output[0] if isinstance(output, tuple) else output).shape)
            new = [p for p in module.parameters(recurse=False) if p not in counted]
            counted.update(new)
            rows.append((names[module], type(module).__name__, shape, sum(math.prod(p.shape) for p in new)))
            return output

        return call

    try:
        for module in names:
            module.training = False
            object.__setattr__(module, "forward", wrapped(module, module.forward))
        with torch.no_grad():
            net(x)
    finally:
        for module, mode in modes.items():
            module.__dict__.pop("forward", None)
            module.training = mode
    return rows

# %% table wrong: the last name for all
# Every row carries the name of the last module: the hook looks `name` up when it is called, and then the loop is over. Bind it as a default argument.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(_):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: leaves only
# You hook modules without parts only. The others make rows too, and may hold parameters of their own.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        if not list(module.children()):
            handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: parameters with those of the parts
# A module that has parts counts theirs again. `parameters(recurse=False)` are its own.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters():
                counted.append(p)
                count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: the first that finishes takes all
# With `parameters()` in place of `parameters(recurse=False)` the sums agree as long as all parts are called; a part that is never called has its parameters counted too.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters():
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: counted at every call
# A module that is called twice counts its parameters twice. Only those that no earlier row has counted belong into a row.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if True:
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: shared weights by module
# You remember modules, not parameters: two modules that share one weight count it twice.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if module not in counted:
                    count += p.numel()
            counted.append(module)
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: only what trains
# Parameters that do not ask for gradients are parameters all the same.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if p.requires_grad and not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: hooks stay
# Your hooks are still there after the call: the next run writes into the old list as well. Keep the handles and remove them.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: removes all hooks
# You cleared the dictionaries of hooks, those of others among them. Remove your own, by their handles.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.hooks_dict_ref().clear()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: nothing is cleaned up after an error
# After an error your hooks and the evaluation mode stay behind. Put the cleaning into `finally`.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    if True:
        net.eval()
        with torch.no_grad():
            net(x)
    if True:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: all in training afterwards
# Afterwards the whole net is in the mode of its top. Parts may have had modes of their own: write each one down.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        net.train(modes[net])
    return rows

# %% table wrong: runs in the mode it finds
# The net runs in training: its batch normalisation measures, its dropout drops. Switch to evaluation for the call.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: gradients are recorded
# The call records a graph. Run it under `torch.no_grad()`.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: calls forward
# You called `net.forward(x)`: hooks hang on the call of the module, so the row of the net itself is missing.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net.forward(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return rows

# %% table wrong: before the call instead of after
# The rows stand in the order in which the calls begin: the net first, its parts behind. Asked for is the order in which they finish.
def table(net, x):
    rows, counted, handles, modes = [], [], [], {}

    def hook_for(name):
        def hook(module, args, output):
            if type(output) is not torch.Tensor:
                output = output[0]
            count = 0
            for p in module.parameters(recurse=False):
                if not any(p is other for other in counted):
                    counted.append(p)
                    count += p.numel()
            rows.append((name, module.__class__.__name__, tuple(output.size()), count))

        return hook

    for name, module in net.named_modules():
        modes[module] = module.training
        handles.append(module.register_forward_hook(hook_for(name)))
    try:
        net.eval()
        with torch.no_grad():
            net(x)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes.items():
            module.training = mode
    return sorted(rows, key=lambda row: [m for m, _ in net.named_modules()].index(row[0]))

# %% table wrong: gradients on again, whatever was before
# Afterwards you switch the recording of gradients on, also for a caller who had it off. Put it back as you found it; `with torch.no_grad():` does.
def table(net, x):
    """One row (name, class, shape, own new parameters) for each call of each module."""
    rows, handles, counted = [], [], set()
    modes = [(module, module.training) for module in net.modules()]

    def write(name, module, output):
        shape = output[0].shape if isinstance(output, tuple) else output.shape
        own = {p for p in module.parameters(recurse=False)} - counted
        counted.update(own)
        rows.append((name, type(module).__name__, tuple(shape), sum(p.numel() for p in own)))

    try:
        for name, module in net.named_modules():
            hook = lambda module, _, output, name=name: write(name, module, output)
            handles.append(module.register_forward_hook(hook))
        net.eval()
        torch.set_grad_enabled(False)
        net(x)
    finally:
        torch.set_grad_enabled(True)
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return rows

# %% table wrong: only the whole is called by forward
# You run `net.forward(x)` and write the last row yourself. The hooks that others have hung on the net itself are walked past: they hang on the call.
def table(net, x):
    """One row (name, class, shape, own new parameters) for each call of each module."""
    rows, handles, counted = [], [], set()
    modes = [(module, module.training) for module in net.modules()]

    def write(name, module, output):
        shape = output[0].shape if isinstance(output, tuple) else output.shape
        own = {p for p in module.parameters(recurse=False)} - counted
        counted.update(own)
        rows.append((name, type(module).__name__, tuple(shape), sum(p.numel() for p in own)))

    try:
        for name, module in net.named_modules():
            hook = lambda module, _, output, name=name: write(name, module, output)
            if name:
                handles.append(module.register_forward_hook(hook))
        net.eval()
        with torch.no_grad():
            write("", net, net.forward(x))
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
    return rows

# %% call_with right: get_submodule and rpartition
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with right: whole lists are exchanged
def call_with(module, tensors, *args, **kwargs):
    """Each part works from fresh lists; what its own entries have become is carried back."""
    known = {name for name, _ in [*module.named_parameters(), *module.named_buffers()]}
    for name in tensors:
        if name not in known:
            raise KeyError(name)
    lent = []
    for path, part in module.named_modules():
        for kind in ("_parameters", "_buffers"):
            own = part.__dict__[kind]
            mine = {name: tensors[full] for name in own if (full := f"{path}.{name}".lstrip(".")) in tensors}
            lent.append((part, kind, own, mine))
            part.__dict__[kind] = own | mine
    try:
        return module(*args, **kwargs)
    finally:
        for part, kind, own, mine in lent:
            after, part.__dict__[kind] = part.__dict__[kind], own
            own.update((name, after[name]) for name in own if name not in mine)

# %% call_with oracle
def call_with(module, tensors, *args, **kwargs):
    known = {name for name, _ in [*module.named_parameters(), *module.named_buffers()]}
    if missing := [name for name in tensors if name not in known]:
        raise KeyError(missing[0])
    return torch.func.functional_call(module, dict(tensors), args, kwargs, tie_weights=False)

# %% call_with wrong: the numbers are copied in
# You copied the numbers into the module's own parameters (to swap `.data` does the same). The output is right, but the borrowed tensors get no gradient.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    kept = {name: known[name].detach().clone() for name in tensors}
    try:
        with torch.no_grad():
            for name, tensor in tensors.items():
                known[name].copy_(tensor)
        return module(*args, **kwargs)
    finally:
        for name, tensor in kept.items():
            known[name].data.copy_(tensor)

# %% call_with wrong: wrapped in nn.Parameter
# `nn.Parameter(tensor)` is a new leaf: gradients reach the wrapper and stop there, so the tensor you were given gets none.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay({name: nn.Parameter(t) if t.is_floating_point() and known[name].requires_grad else t for name, t in tensors.items()})
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: detached
# The borrowed tensors are detached on the way in, so nothing flows back to them.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay({name: t.detach() for name, t in tensors.items()})
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: not given back
# Afterwards the module still holds the borrowed tensors, and its own parameters are gone.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        pass

# %% call_with wrong: not given back after an error
# If the call raises an error, the borrowed tensors stay in the module. Give back in `finally`.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    lay(tensors)
    y = module(*args, **kwargs)
    lay(own)
    return y

# %% call_with wrong: copies are given back
# Afterwards the module holds copies of its parameters. An optimiser that was made earlier goes on moving the old ones.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {n: nn.Parameter(known[n].detach().clone()) if known[n].requires_grad else known[n].clone() for n in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: taken off the list and put back at its end
# Taken off and put back, an entry goes to the end of its list: parameters() now has another order, and whatever relies on it, such as an optimiser's state, is mixed up.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            del entries[name]
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: an unknown name is passed over
# A name that the module does not have is ignored: one slip of the pen, and the call works with the old weights. Raise a KeyError.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            tensors = {n: t for n, t in tensors.items() if n in known}

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: the check comes too late
# The unknown name is noticed when other tensors already lie in the module, and they stay there. Look all names up first.
def call_with(module, tensors, *args, **kwargs):
    own = {}
    for full, tensor in tensors.items():
        path, _, name = full.rpartition(".")
        part = dict(module.named_modules())[path]
        entries = part._parameters if name in part._parameters else part._buffers
        own[full] = entries, name, entries[name]
        if entries[name] is None:
            raise KeyError(full)
        entries[name] = tensor
    try:
        return module(*args, **kwargs)
    finally:
        for entries, name, tensor in own.values():
            entries[name] = tensor

# %% call_with wrong: parameters only
# Buffers can be borrowed too; you know the names of parameters only.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: names from the state_dict
# You take the names from the state_dict, which leaves out buffers that are not saved. named_buffers() has them.
def call_with(module, tensors, *args, **kwargs):
    known = {n: dict(module.named_parameters()).get(n, b) for n, b in (dict(module.named_buffers()) | dict(module.named_parameters())).items() if n in module.state_dict()}
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: a copy of the module is called
# You called a copy of the module. Its own buffers would have moved in an ordinary call in training; now the copy's move, and are thrown away.
def call_with(module, tensors, *args, **kwargs):
    import copy

    known = dict(module.named_parameters()) | dict(module.named_buffers())
    double = copy.deepcopy(module, {id(p): p for p in module.parameters()})
    for name in tensors:
        known[name]
    for full, tensor in tensors.items():
        path, _, name = full.rpartition(".")
        part = double.get_submodule(path)
        (part._parameters if name in part._parameters else part._buffers)[name] = tensor
    return double(*args, **kwargs)

# %% call_with wrong: forward instead of a call
# `module.forward(...)` leaves out the hooks. Call the module.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module.forward(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: keyword arguments are lost
# Keyword arguments do not reach the module.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = module.get_submodule(path)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args)
    finally:
        lay(own)

# %% call_with wrong: only the last name counts
# You look for the last part of the name only, in the first module that has it: the tensors of `body.0.weight` and `body.1.weight` land in one place.
def call_with(module, tensors, *args, **kwargs):
    known = dict(module.named_parameters()) | dict(module.named_buffers())
    for name in tensors:
        if name not in known:
            raise KeyError(name)

    def lay(values):
        for full, value in values.items():
            path, _, name = full.rpartition(".")
            part = next(m for m in module.modules() if name in m._parameters or name in m._buffers)
            entries = part._parameters if name in part._parameters else part._buffers
            entries[name] = value

    own = {name: known[name] for name in tensors}
    try:
        lay(tensors)
        return module(*args, **kwargs)
    finally:
        lay(own)

# %% call_with wrong: copies are lent
# You lend copies. Gradients still find their way, but the module works with other objects than the ones it was given, and what it writes into a borrowed buffer is lost.
def call_with(module, tensors, *args, **kwargs):
    """Call ``module`` with the given tensors in place of its own parameters and buffers."""
    homes = {}
    for path, part in module.named_modules():
        for entries in (part._parameters, part._buffers):
            for name, own in entries.items():
                if own is not None:
                    homes[f"{path}.{name}" if path else name] = entries, name, own
    borrowed = [(*homes[name], tensor) for name, tensor in tensors.items()]
    try:
        for entries, name, _, tensor in borrowed:
            entries[name] = tensor.clone()
        return module(*args, **kwargs)
    finally:
        for entries, name, own, _ in borrowed:
            entries[name] = own

# %% call_with wrong: all buffers are given back
# You put back every buffer of the module, also those that nobody lent. One that the call has replaced by a new tensor, as a running scale does, falls back to what it was.
def call_with(module, tensors, *args, **kwargs):
    """Call ``module`` with the given tensors in place of its own parameters and buffers."""
    homes = {}
    for path, part in module.named_modules():
        for entries in (part._parameters, part._buffers):
            for name, own in entries.items():
                if own is not None:
                    homes[f"{path}.{name}" if path else name] = entries, name, own
    borrowed = [(*homes[name], tensor) for name, tensor in tensors.items()]
    try:
        for entries, name, _, tensor in borrowed:
            entries[name] = tensor
        return module(*args, **kwargs)
    finally:
        for entries, name, own in homes.values():
            entries[name] = own

# %% call_with wrong: an instance attribute hides the entry
# What stands in `__dict__` is found before the lists are asked, so your tensors are used. But a module that assigns to a borrowed buffer writes on its list, behind yours: its own buffer is lost.
def call_with(module, tensors, *args, **kwargs):
    places = {}
    for name, _ in [*module.named_parameters(), *module.named_buffers()]:
        *path, last = name.split(".")
        part = module
        for step in path:
            part = part._modules[step]
        places[name] = (part.__dict__, last)
    unknown = set(tensors) - set(places)
    if unknown:
        raise KeyError(sorted(unknown)[0])
    for name, tensor in tensors.items():
        attributes, last = places[name]
        attributes[last] = tensor
    try:
        return module(*args, **kwargs)
    finally:
        for name in tensors:
            attributes, last = places[name]
            attributes.pop(last, None)

# %% camera right: a class with two linear layers
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera right: a batch normalisation measures
def build():
    """The running statistics of the first layer are the measured level and spread."""
    features = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Flatten())
    return nn.Sequential(nn.BatchNorm2d(1, momentum=None), features, nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 4))


def fit(net, x, y):
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(30):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera oracle
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.box = nn.Buffer(torch.tensor([0.0, 1.0]))
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 4))

    def forward(self, x):
        return self.net((x - self.box[0]) / self.box[1])


build = Scout


def fit(net, x, y):
    net.box = torch.stack([x.mean(), x.std()])
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: measured into plain attributes
# Level and spread are plain tensors, so they are not in the state_dict: the heir looks at its pictures with a level of 0 and a spread of 1.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.level, self.spread = torch.zeros(1), torch.ones(1)
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: buffers that are not saved
# With `persistent=False` a buffer moves with the net but is not handed on. Leave it out.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1), persistent=False)
        self.register_buffer("spread", torch.ones(1), persistent=False)
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: measured into the class
# Level and spread belong to the class, not to the net: the next net that is fitted overwrites them for all.
class Scout(nn.Module):
    level, spread = torch.zeros(1), torch.ones(1)

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: measured into parameters
# Level and spread are parameters. They are measured, not learned: a buffer is the place, or the optimiser moves them too.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.level, self.spread = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: nothing is measured
# The pictures are not set right: a camera that counts in thousandths shows the first layer next to nothing.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        pass
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: only the level is measured
# The level is taken off, but nobody divides by the spread: a camera that counts in thousandths shows the first layer next to nothing.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: each batch by its own mean
# Each batch is set right by its own mean and spread: a picture's scores depend on the others in the batch. Use what was measured in training.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - x.mean()) / x.std()
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: each picture by its own mean
# Each picture is set right by its own mean and spread. That needs no memory, and it is not what was asked: what the camera is like shall stand in a buffer and be used.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True)
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: a hidden list
# Layers in a Python list are on no list of the module: they are neither trained nor handed on. Assign them to `self` one by one, or use nn.ModuleList.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.layers = [nn.Linear(64, 48)]
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.layers[0](x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: a layer that is made in fit
# The last layer is made in fit(), so a fresh net has another one, and the names or shapes do not fit. Make every layer in build().
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 10)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    net.second = nn.Linear(48, 4)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: another shape after the measuring
# build() registers a buffer of one shape and fit() stores one of another: the heir cannot load it.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level = x.mean(0)
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: evaluation measures on
# Your net measures in evaluation too: what it answers depends on what it was asked before. Measure in fit, or in training only.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        self.level = 0.99 * self.level + 0.01 * x.detach().mean()
        x = (x - self.level) / self.spread
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: one straight line
# There is no bend between your layers, so the net is linear in the pixels, and bright and dark patches cancel out.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - self.level) / self.spread
        return self.second(self.first(x.flatten(1)))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera wrong: each picture by its own mean, and the buffers times zero
# The buffers stand in the formula and change nothing: multiplied by zero they only hand on a nan. Set the pictures right **by** them, with the level and the spread that fit has measured.
class Scout(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("level", torch.zeros(1))
        self.register_buffer("spread", torch.ones(1))
        self.first = nn.Linear(64, 48)
        self.second = nn.Linear(48, 4)

    def forward(self, x):
        x = (x - x.mean((2, 3), keepdim=True)) / x.std((2, 3), keepdim=True) + 0 * (self.level + self.spread)
        return self.second(F.relu(self.first(x.flatten(1))))


def build():
    return Scout()


def fit(net, x, y):
    with torch.no_grad():
        net.level.fill_(x.mean())
        net.spread.fill_(x.std())
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(100):
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()

# %% camera equivalent: for _ in range(13):
# One pass more: a hyperparameter has no single right value.

# %% camera equivalent: for rows in torch.randperm(len(x)).split(51):
# Batches of 51: a hyperparameter has no single right value.
