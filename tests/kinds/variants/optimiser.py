# %% own_sgd right: the velocity is assigned anew
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                push = torch.add(p.grad, p.detach(), alpha=group["weight_decay"])
                old = self.state[p].get("momentum_buffer")
                new = push if old is None else torch.add(push, old, alpha=group["momentum"])
                self.state[p]["momentum_buffer"] = new
                p.data = torch.add(p.data, new, alpha=-group["lr"])


# %% own_sgd oracle
class OwnSGD(torch.optim.SGD):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)


# %% own_sgd wrong: dampened
# The new gradient is weighted with 1 - momentum, as in a running mean; here it is added in full.
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    gradient = p.grad + group["weight_decay"] * p
                    velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                    velocity.mul_(group["momentum"]).add_((1 - group["momentum"]) * gradient)
                    p.sub_(group["lr"] * velocity)


# %% own_sgd wrong: the rate inside the velocity
# The learning rate is multiplied into the velocity, so a rate that changes later does not reach the steps already taken in.
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    gradient = p.grad + group["weight_decay"] * p
                    velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                    velocity.mul_(group["momentum"]).add_(group["lr"] * gradient)
                    p.sub_(velocity)


# %% own_sgd wrong: the groups' own rates are ignored
# The defaults are used for every parameter; a group may bring its own lr, momentum and weight_decay.
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    gradient = p.grad + self.defaults["weight_decay"] * p
                    velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                    velocity.mul_(self.defaults["momentum"]).add_(gradient)
                    p.sub_(self.defaults["lr"] * velocity)


# %% own_sgd wrong: the velocity stands outside self.state
# The velocity is kept in an attribute of its own: state_dict does not save it, and a resumed run starts from rest.
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.velocity = {}

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    gradient = p.grad + group["weight_decay"] * p
                    velocity = self.velocity.setdefault(p, torch.zeros_like(p))
                    velocity.mul_(group["momentum"]).add_(gradient)
                    p.sub_(group["lr"] * velocity)


# %% own_sgd wrong: weight decay beside the gradient
# The decay is taken off the parameter itself, as AdamW does; here it joins the gradient before the velocity.
class OwnSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    velocity = self.state[p].setdefault("velocity", torch.zeros_like(p))
                    velocity.mul_(group["momentum"]).add_(p.grad)
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * velocity)
