# Right and wrong answers to the exercises of `containers`. The comment below a wrong one is what a student is told.

# %% own_sequential right: over the items of _modules
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            for name in layers[0]:
                self.register_module(name, layers[0][name])
        else:
            for i in range(len(layers)):
                self.register_module(f"{i}", layers[i])

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        yield from self._modules.values()

    def __getitem__(self, which):
        if isinstance(which, str):
            return self._modules[which]
        pairs = list(self._modules.items())[which]
        return self.__class__(OrderedDict(pairs)) if isinstance(which, slice) else pairs[1]

    def forward(self, x):
        for layer in self._modules.values():
            x = layer(x)
        return x

# %% own_sequential right: setattr, a tuple of names, reduce
from collections import OrderedDict
from functools import reduce


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            order, layers = tuple(layers[0].keys()), tuple(layers[0].values())
        else:
            order = tuple(map(str, range(len(layers))))
        if not all(isinstance(layer, nn.Module) for layer in layers):
            raise TypeError("every layer has to be a module")
        for name, layer in zip(order, layers):
            setattr(self, name, layer)
        self.order = order

    def __len__(self):
        return len(self.order)

    def __iter__(self):
        return (getattr(self, name) for name in self.order)

    def __getitem__(self, which):
        if isinstance(which, slice):
            part = OwnSequential()
            for name in self.order[which]:
                setattr(part, name, getattr(self, name))
            part.order = self.order[which]
            return part
        if isinstance(which, str):
            if which not in self.order:
                raise KeyError(which)
            return getattr(self, which)
        if not -len(self) <= which < len(self):
            raise IndexError(which)
        return getattr(self, self.order[which % len(self)])

    def forward(self, x):
        return reduce(lambda value, layer: layer(value), self, x)

# %% own_sequential oracle
from collections import OrderedDict


class OwnSequential(nn.Sequential):
    def __getitem__(self, which):
        return self._modules[which] if isinstance(which, str) else super().__getitem__(which)

# %% own_sequential wrong: layers in a plain list
# The layers lie in a plain list: they run, but they are not registered, so parameters() and state_dict() do not know them. Register each one with add_module.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        if not all(isinstance(layer, nn.Module) for _, layer in named):
            raise TypeError
        self.kept = dict(named)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self.kept[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: walks over children()
# You walk over children(), which leaves out repetitions: a layer that stands in the line twice runs only once. Walk over the names, or over _modules.values().
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x

# %% own_sequential wrong: a slice is renumbered
# The slice counts its layers from 0 again. Its layers keep the names they had, or weights saved under those names find no place.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(*[self[name] for name in self.names[which]])
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: a slice copies its layers
# The slice holds copies of the layers. It must hold the same objects, so that training the slice trains the line.
import copy
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, copy.deepcopy(self[name])) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: the step of a slice ignored
# Your slice uses start and stop only. [::2] and [::-1] have a step: let Python apply the slice to a list.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which.start : which.stop]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: numbers wrap around
# A number beyond the end wraps around to the front, where an IndexError was asked for. A loop that runs one too far would never notice.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which % len(self.names)]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: by number only without names
# net[i] looks for a layer called str(i). In a line with names, or in a slice, the layer at place i is called something else.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            if not -len(self) <= which < len(self):
                raise IndexError(which)
            which = str(which % len(self))
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: forward called directly
# You call layer.forward(x) instead of layer(x). The numbers are the same, but hooks on the layers are skipped.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer.forward(x)
        return x

# %% own_sequential wrong: names sorted
# The layers are put in the order of the alphabet. An OrderedDict has an order of its own, and that is the order in which they run; with more than ten numbered layers "10" would come before "2".
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in sorted(named):
            self.add_module(name, layer)
        self.names = sorted(name for name, _ in named)

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: any attribute found by name
# net["training"] returns the module's mode. A name finds layers only; look among the registered modules and not among all attributes.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        try:
            return getattr(self, which)
        except AttributeError:
            raise KeyError(which) from None

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: unknown name is an AttributeError
# An unknown name raises an AttributeError, because getattr was asked. Square brackets with a name raise a KeyError, as a dictionary does.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        if isinstance(getattr(self, which), nn.Module):
            return getattr(self, which)
        raise KeyError(which)

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: a list is unpacked
# A list of layers is accepted and unpacked. torch refuses it with a TypeError, and the statement asks for the same: write OwnSequential(*layers) with a star.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        if len(layers) == 1 and isinstance(layers[0], (list, tuple)):
            layers = layers[0]
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: the whole slice is the line itself
# net[:] returns the line itself, so whoever edits the copy edits the line. Every slice is a new line, [:] too.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if which == slice(None):
            return self
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% own_sequential wrong: runs through a list of its own
# forward runs through a list that the constructor has kept. A layer that is put in another's place later is then registered, printed and saved, and never run. Look the layers up in each call.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], OrderedDict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]
        self.kept = [layer for _, layer in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self.kept:
            x = layer(x)
        return x

# %% own_sequential wrong: any dictionary will do
# A plain dictionary is taken like an OrderedDict. torch refuses it with a TypeError, and the statement asks for the same: ask for an OrderedDict, not for a dict.
from collections import OrderedDict


class OwnSequential(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        named = [(str(i), layer) for i, layer in enumerate(layers)]
        if len(layers) == 1 and isinstance(layers[0], dict):
            named = layers[0].items()
        for name, layer in named:
            self.add_module(name, layer)
        self.names = [name for name, _ in named]

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter([self[name] for name in self.names])

    def __getitem__(self, which):
        """Return a layer for an int or a name, a new OwnSequential for a slice."""
        if isinstance(which, slice):
            return OwnSequential(OrderedDict((name, self[name]) for name in self.names[which]))
        if isinstance(which, int):
            which = self.names[which]
        return self._modules[which]

    def forward(self, x):
        for layer in self:
            x = layer(x)
        return x

# %% dense_shelf right: a list of all that came before
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        self.layers = nn.ModuleList()
        width = in_features
        for _ in range(depth):
            self.layers.append(nn.Linear(width, growth))
            width += growth

    def forward(self, x, upto=None):
        if upto is None:
            upto = len(self.layers)
        if upto < 0 or upto > len(self.layers):
            raise ValueError("upto")
        made = [x]
        for k in range(upto):
            made.append(self.layers[k](torch.cat(made, -1)).clamp(min=0))
        return torch.cat(made, -1)

# %% dense_shelf right: written into one wide tensor
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        self.n, self.growth = in_features, growth
        self.layers = nn.ModuleList(nn.Linear(in_features + k * growth, growth) for k in range(depth))

    def forward(self, x, upto=None):
        upto = len(self.layers) if upto is None else upto
        if upto not in range(len(self.layers) + 1):
            raise ValueError("upto")
        wide = F.pad(x, (0, upto * self.growth))
        for k, layer in zip(range(upto), self.layers):
            end = self.n + k * self.growth
            new = layer(wide[..., :end])
            wide = wide + F.pad(new * (new > 0), (end, wide.shape[-1] - end - self.growth))
        return wide

# %% dense_shelf oracle
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(in_features + k * growth, growth) for k in range(depth)])

    def forward(self, x, upto=None):
        count = len(self.layers) if upto is None else upto
        if count < 0 or count > len(self.layers):
            raise ValueError("upto")
        parts = list(x.unbind(-1))
        for layer in list(self.layers)[:count]:
            new = layer(torch.stack(parts, dim=-1))
            parts = parts + [torch.maximum(column, torch.zeros_like(column)) for column in new.unbind(-1)]
        return torch.stack(parts, dim=-1)

# %% dense_shelf wrong: layers in a plain list
# The layers lie in a plain list: the net runs, but parameters() is empty and nothing would be trained. Wrap the list in nn.ModuleList.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = [nn.Linear(width, growth) for width in widths]

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x

# %% dense_shelf wrong: newest first
# The newest result is put in front of the older ones. Oldest first: new columns are appended on the right.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([F.relu(layer(x)), x], dim=-1)
        return x

# %% dense_shelf wrong: joined along axis 1
# The parts are joined along axis 1. For a matrix that is the last axis, with more leading axes or none it is not; write dim=-1.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=1)
        return x

# %% dense_shelf wrong: no ReLU
# The outputs go on without a ReLU, so the whole shelf is one linear map.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, layer(x)], dim=-1)
        return x

# %% dense_shelf wrong: ReLU before the layer
# The ReLU stands before the layer: it acts on what the layer sees, and what the layer makes may be negative. The formula takes the ReLU of the layer's output.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, layer(F.relu(x))], dim=-1)
        return x

# %% dense_shelf wrong: upto=0 taken for None
# upto=0 uses all layers, because 0 counts as false. Ask whether upto is None.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = upto or len(self.layers)
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x

# %% dense_shelf wrong: a negative upto counts from the end
# A negative upto cuts layers off at the end, as a slice does. A ValueError was asked for.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not -len(self.layers) <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x

# %% dense_shelf wrong: upto may be too large
# An upto beyond the last layer is taken quietly. A caller who asks for layers that are not there should hear of it: ValueError.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if used < 0:
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x

# %% dense_shelf wrong: all layers are run and the rest cut off
# All layers run, and the columns too many are cut off. Layers that are not used must not be called; that is what saves the time.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        width = x.shape[-1]
        for layer in self.layers:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x[..., : width + used * self.layers[0].out_features]

# %% dense_shelf wrong: one layer for all
# The list holds one layer many times, and pads what it does not see: all steps share their weights. Make a new nn.Linear for each place.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        one = nn.Linear(widths[-1], growth)
        self.layers = nn.ModuleList([one] * depth)

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(F.pad(x, (0, layer.in_features - x.shape[-1]))))], dim=-1)
        return x

# %% dense_shelf wrong: computes in float32
# Your forward turns what a layer made into float32. After net.double() all of it is float64 already, and the digits are lost: leave the dtype alone.
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x).float()).to(x.dtype)], dim=-1)
        return x

# %% dense_shelf wrong: weights used, layers not called
# You compute with layer.weight and layer.bias and never call the layer. The numbers are the same, but hooks on the layers are skipped, and so is whatever else a layer does: write layer(x).
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(F.linear(x, layer.weight, layer.bias))], dim=-1)
        return x

# %% dense_shelf wrong: cut off from the graph at upto=0
# With upto=0 the input's values come back without their graph, and what lies before this net gets no gradient. Return x itself, or x.clone().
class DenseShelf(nn.Module):
    def __init__(self, in_features, growth, depth):
        super().__init__()
        widths = [in_features + k * growth for k in range(depth)]
        self.layers = nn.ModuleList([nn.Linear(width, growth) for width in widths])

    def forward(self, x, upto=None):
        """Map (*, in_features) to (*, in_features + upto * growth)."""
        used = len(self.layers) if upto is None else upto
        if not 0 <= used <= len(self.layers):
            raise ValueError(f"there are {len(self.layers)} layers, not {upto}")
        if used == 0:
            return x.detach().clone()
        for layer in self.layers[:used]:
            x = torch.cat([x, F.relu(layer(x))], dim=-1)
        return x

# %% switch right: an output that is filled pile by pile
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.n, self.m = in_features, out_features
        self.branches = nn.ModuleDict({"to_" + name: nn.Linear(in_features, out_features) for name in names})

    def add(self, name):
        key = "to_" + name
        if key in self.branches.keys():
            raise ValueError(name)
        self.branches.update({key: nn.Linear(self.n, self.m)})

    def forward(self, x, route):
        if type(route) is str:
            return self.branches["to_" + route].__call__(x)
        if x.shape[0] != len(route):
            raise ValueError("names and items")
        for name in route:
            if "to_" + name not in self.branches:
                raise KeyError(name)
        out = x.new_zeros(*x.shape[:-1], self.m)
        for name in set(route):
            mask = torch.tensor([other == name for other in route])
            out[mask] = self.branches["to_" + name](x[mask])
        return out

# %% switch right: one row at a time out of the piles
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.make = lambda: nn.Linear(in_features, out_features)
        self.branches = nn.ModuleDict()
        for name in names:
            self.branches.add_module(f"to_{name}", self.make())

    def add(self, name):
        if hasattr(self.branches, f"to_{name}"):
            raise ValueError(name)
        self.branches.add_module(f"to_{name}", self.make())

    def forward(self, x, route):
        single = isinstance(route, str)
        if single:
            return getattr(self, "branches")["to_" + route](x)
        if len(route) != x.size(0):
            raise ValueError
        rows = [None] * len(route)
        for name in sorted(set(route)):
            where = [i for i, other in enumerate(route) if other == name]
            made = self.branches["to_" + name](x.index_select(0, torch.tensor(where)))
            for i, row in zip(where, made.unbind(0)):
                rows[i] = row
        return torch.stack(rows)

# %% switch oracle
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.n, self.m = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if "to_" + name in self.branches:
            raise ValueError(name)
        self.branches["to_" + name] = nn.Linear(self.n, self.m)

    def forward(self, x, route):
        if isinstance(route, str):
            return self.branches["to_" + route](x)
        if len(route) != len(x):
            raise ValueError("one name for each item")
        y = torch.zeros(x.shape[:-1] + (self.m,), dtype=x.dtype)
        for name in dict.fromkeys(route):
            here = torch.tensor([name == wanted for wanted in route]).nonzero()[:, 0]
            y = y.index_add(0, here, self.branches["to_" + name](x[here]))
        return y

# %% switch wrong: branches in a plain dictionary
# The branches lie in a plain dictionary. Nothing registers them: no optimiser would see them, and state_dict() is empty.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = {}
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: names used as keys
# The names are used as keys as they are. "type" and "forward" are attributes already, and an nn.ModuleDict refuses them; the statement puts to_ in front.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: piles not sorted back
# The results come pile by pile: rows no longer stand where their items stood. Bring them back into the old order.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done

# %% switch wrong: sorted the wrong way
# You use the sorting order once more in place of its inverse. done[order] sorts again; argsort of the order leads back. With two items both are the same.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order)]

# %% switch wrong: item by item
# Each item is sent alone, so a branch is called as often as it has items. Collect the items of a branch and call it once.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        return torch.cat([self.branches[f"to_{name}"](x[i : i + 1]) for i, name in enumerate(route)])

# %% switch wrong: every branch sees everything
# Every wanted branch computes the whole batch and the rest is thrown away. The numbers are right, the work is done several times; hand a branch its own items only.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        out = {name: self.branches[f"to_{name}"](x) for name in piles}
        return torch.stack([out[name][i] for i, name in enumerate(route)])

# %% switch wrong: branches nobody wants are called
# All branches are called, also those nobody wants, with an empty batch. That costs time, and gives them a gradient of zeros where none was asked for.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        for key, branch in self.branches.items():
            if key[3:] not in piles:
                done = torch.cat([done, branch(x[:0])])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: detached result
# The results are copied into a tensor by their values (.data or detach), and the graph is lost: nothing can be trained.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        out = x.new_zeros(*x.shape[:-1], self.sizes[1])
        for name, items in piles.items():
            out[items] = self.branches[f"to_{name}"](x[items]).detach()
        return out

# %% switch wrong: output in float32
# The output is made by torch.zeros in float32. After net.double() that loses digits: derive it from the input, x.new_zeros.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        out = torch.zeros(*x.shape[:-1], self.sizes[1])
        for name, items in piles.items():
            out[items] = self.branches[f"to_{name}"](x[items]).float()
        return out

# %% switch wrong: items with one axis only
# Your output has two axes whatever the input has. Items may have axes of their own between the first and the last.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        out = x.new_zeros(len(x), self.sizes[1])
        for name, items in piles.items():
            out[items] = self.branches[f"to_{name}"](x[items])
        return out

# %% switch wrong: all programmes share one layer
# Every programme got the same layer object. Names do not make layers different: build a new nn.Linear for each.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        self.one = [nn.Linear(*self.sizes)]
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = self.one[0]

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: add replaces silently
# add() puts a fresh layer over the one that was there, and what it had learned is gone. Raise a ValueError.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            pass  # (f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: names and items not counted
# A list with more or fewer names than items is accepted, and items are lost or left empty. Compare the two lengths first.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) > len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: keys taken for names
# A branch is found by its key too: "to_wool" is taken for "wool". Put to_ in front of every name, whatever it looks like; then an unknown one raises a KeyError.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[route if route in self.branches else f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        done = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        return done[torch.tensor(order).argsort()]

# %% switch wrong: the output's memory used again
# The output is kept and filled again in the next call, so a result changes after it was handed out. Make a new output in each call.
class Switch(nn.Module):
    def __init__(self, in_features, out_features, names):
        super().__init__()
        self.sizes = in_features, out_features
        self.branches = nn.ModuleDict()
        for name in names:
            self.add(name)

    def add(self, name):
        if f"to_{name}" in self.branches:
            raise ValueError(f"there is a programme {name} already")
        self.branches[f"to_{name}"] = nn.Linear(*self.sizes)

    def forward(self, x, route):
        """Send all of x through one branch, or item i of x through the branch route[i]."""
        if isinstance(route, str):
            return self.branches[f"to_{route}"](x)
        if len(route) != len(x):
            raise ValueError(f"{len(route)} names for {len(x)} items")
        piles = {}
        for item, name in enumerate(route):
            piles.setdefault(name, []).append(item)
        made = torch.cat([self.branches[f"to_{name}"](x[items]) for name, items in piles.items()])
        order = [item for items in piles.values() for item in items]
        made = made[torch.tensor(order).argsort()]
        if made.shape != getattr(self, "kept", made.new_zeros(0)).shape:
            self.kept = made.new_zeros(made.shape)
        self.kept = self.kept.detach()
        return self.kept.copy_(made)

# %% names_of right: a walk with a stack
def names_of(plan):
    keys, total = [], 0
    waiting = [("", plan)]
    while waiting:
        prefix, part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(reversed([(prefix + name + ".", inner) for name, inner in part.items()]))
        elif isinstance(part, list):
            waiting.extend(reversed([(prefix + str(i) + ".", inner) for i, inner in enumerate(part)]))
        elif isinstance(part, str) or part[0] == "linear":
            keys += [prefix + "weight", prefix + "bias"]
            if not isinstance(part, str):
                total += (part[1] + 1) * part[2]
    return keys, total

# %% names_of right: a generator of layers with their paths
def names_of(plan):
    def layers(part, path):
        if isinstance(part, (tuple, str)):
            yield path, part
        else:
            for name in part if isinstance(part, dict) else range(len(part)):
                yield from layers(part[name], [*path, str(name)])

    keys, learned = [], {}
    for path, part in layers(plan, []):
        if part == ("relu",):
            continue
        for tensor in ("weight", "bias"):
            keys.append(".".join([*path, tensor]))
        if isinstance(part, tuple):
            learned[tuple(path)] = part[1] * part[2] + part[2]
    return keys, sum(learned.values())

# %% names_of oracle
def names_of(plan):
    made = {}

    def build(part, prefix):
        if isinstance(part, str):
            return made[part]
        if isinstance(part, list):
            return nn.ModuleList([build(inner, f"{prefix}{i}.") for i, inner in enumerate(part)])
        if isinstance(part, dict):
            return nn.ModuleDict({name: build(inner, f"{prefix}{name}.") for name, inner in part.items()})
        if part[0] == "relu":
            return nn.ReLU()
        made[prefix[:-1]] = nn.Linear(part[1], part[2], device="meta")
        return made[prefix[:-1]]

    net = build(plan, "")
    return list(net.state_dict()), sum(p.numel() for p in net.parameters())

# %% names_of wrong: a repeated layer counted again
# A layer that stands there again is counted again. It is one object with one set of numbers: learned once, counted once.
def names_of(plan):
    sizes = {}

    def walk(part, prefix):
        if isinstance(part, (list, dict)):
            keys, total = [], 0
            for place, inner in part.items() if isinstance(part, dict) else enumerate(part):
                more, count = walk(inner, f"{prefix}{place}.")
                keys, total = keys + more, total + count
            return keys, total
        if part == ("relu",):
            return [], 0
        if isinstance(part, tuple):
            sizes[prefix[:-1]] = part[1] * part[2] + part[2]
            return [prefix + "weight", prefix + "bias"], sizes[prefix[:-1]]
        return [prefix + "weight", prefix + "bias"], sizes[part]

    return walk(plan, "")

# %% names_of wrong: a repeated layer has no keys
# A repeated layer gets no keys. parameters() leaves repetitions out; state_dict() writes a layer under every name that it has.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = plan.items() if isinstance(plan, dict) else enumerate(plan)
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return [], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + m

# %% names_of wrong: the keys of a repeated layer are the first ones
# A repeated layer is written under its first name again. Each place has a key of its own, and two keys lead to one tensor.
def names_of(plan):
    keys, total = [], 0
    waiting = [("", plan)]
    while waiting:
        prefix, part = waiting.pop(0)
        if isinstance(part, (list, dict)):
            places = part.items() if isinstance(part, dict) else enumerate(part)
            waiting = [(f"{prefix}{place}.", inner) for place, inner in places] + waiting
        elif isinstance(part, str):
            keys += [part + ".weight", part + ".bias"]
        elif part[0] == "linear":
            keys += [prefix + "weight", prefix + "bias"]
            total += part[1] * part[2] + part[2]
    return keys, total

# %% names_of wrong: layers without parameters do not count as places
# You number the layers that have parameters. A ReLU has no key but it takes a place: the layer behind it is number 2, not 1.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = plan.items() if isinstance(plan, dict) else enumerate([part for part in plan if part != ("relu",)])
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + m

# %% names_of wrong: a dictionary by number
# The parts of a dictionary are numbered. An nn.ModuleDict uses its keys as names.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = enumerate(plan.values() if isinstance(plan, dict) else plan)
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + m

# %% names_of wrong: a dictionary in order of the alphabet
# The keys of a dictionary are sorted. An nn.ModuleDict keeps the order in which they were put in.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = sorted(plan.items()) if isinstance(plan, dict) else enumerate(plan)
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + m

# %% names_of wrong: the bias is forgotten
# The biases are missing from the count: one more number for each output.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = plan.items() if isinstance(plan, dict) else enumerate(plan)
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m

# %% names_of wrong: a bias for every input
# You count a bias for each input. It has one number for each output, the second size of the plan.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = plan.items() if isinstance(plan, dict) else enumerate(plan)
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + n

# %% names_of wrong: equal layers taken for the same
# Two layers of one size are counted once. They are two objects, each with numbers of its own; only a string in the plan means the same layer again.
def names_of(plan):
    keys, learned = [], {}
    waiting = [("", plan)]
    while waiting:
        prefix, part = waiting.pop(0)
        if isinstance(part, (list, dict)):
            places = part.items() if isinstance(part, dict) else enumerate(part)
            waiting = [(f"{prefix}{place}.", inner) for place, inner in places] + waiting
        elif part != ("relu",):
            keys += [prefix + "weight", prefix + "bias"]
            if isinstance(part, tuple):
                learned[part] = part[1] * part[2] + part[2]
    return keys, sum(learned.values())

# %% names_of wrong: level by level
# The keys come level by level. torch goes to the bottom of the first part before it begins the second.
def names_of(plan):
    keys, total = [], 0
    waiting = [("", plan)]
    while waiting:
        prefix, part = waiting.pop(0)
        if isinstance(part, (list, dict)):
            places = part.items() if isinstance(part, dict) else enumerate(part)
            waiting += [(f"{prefix}{place}.", inner) for place, inner in places]
        elif part != ("relu",):
            keys += [prefix + "weight", prefix + "bias"]
            total += 0 if isinstance(part, str) else part[1] * part[2] + part[2]
    return keys, total

# %% names_of wrong: the plan is emptied
# The plan is taken apart with pop, and is empty when your function is done. Read the parts of a list without removing them.
def names_of(plan):
    """Return the keys of the state_dict and the number of parameters of the net."""
    if isinstance(plan, (list, dict)):
        parts = plan.items() if isinstance(plan, dict) else enumerate([plan.pop(0) for _ in range(len(plan))])
        inside = [(place, names_of(part)) for place, part in parts]
        keys = [f"{place}.{key}" for place, (names, _) in inside for key in names]
        return keys, sum(count for _, (_, count) in inside)
    if isinstance(plan, str):
        return ["weight", "bias"], 0
    kind, *sizes = plan
    if kind == "relu":
        return [], 0
    n, m = sizes
    return ["weight", "bias"], n * m + m

# %% tower right: append and setattr
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList()
        self.drops = nn.ModuleList()
        self.scales = nn.ParameterDict()
        for k in range(depth):
            self.linears.append(nn.Linear(width, width))
            self.drops.append(nn.Dropout(p))
            self.scales["floor_" + str(k)] = nn.Parameter(torch.ones(width))

    def forward(self, x):
        for k in range(len(self.linears)):
            storey = self.drops[k](self.linears[k](x).clamp(min=0))
            x = x + storey * self.scales[f"floor_{k}"]
        return x

# %% tower right: functional dropout per storey, scales by register_parameter
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.scales = nn.Module()
        for k in range(depth):
            self.scales.register_parameter(f"floor_{k}", nn.Parameter(torch.ones(width)))
        self.drops = nn.ModuleDict({f"d{k}": nn.Dropout(p) for k in range(depth)})

    def forward(self, x):
        for k, linear in enumerate(self.linears):
            x = x + getattr(self.scales, f"floor_{k}") * self.drops[f"d{k}"](torch.relu(linear(x)))
        return x

# %% tower oracle
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.Sequential(*[nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k in range(len(self.linears)):
            made = self.drops[k](torch.maximum(self.linears[k](x), torch.zeros((), dtype=x.dtype)))
            x = torch.add(x, torch.mul(made, self.scales[f"floor_{k}"]))
        return x

# %% tower faulty start
# This is the tower as it was given. One layer serves all storeys ([layer] * depth), the dropouts lie in a plain list that eval() does not reach, and the scales lie in a plain dictionary that nothing trains or saves.

# %% tower wrong: one layer for all storeys
# All storeys still share one layer: [layer] * depth repeats the object, and does not build another. Each turn of a comprehension builds a new one.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width)] * depth)
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: dropouts in a plain list
# eval() does not switch the dropout off, so the net stays random when it is used: the dropouts lie in a plain list that eval() does not look into, or F.dropout is called without training=self.training.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = [nn.Dropout(p) for _ in range(depth)]
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: scales in a plain dictionary
# The scales still lie in a plain dictionary: no optimiser sees them and no checkpoint holds them. nn.ParameterDict does, with strings as keys.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = {f"floor_{k}": nn.Parameter(torch.ones(width)) for k in range(depth)}

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: one scale for all storeys
# All storeys share one scale: the dictionary holds the same parameter under every key.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict(dict.fromkeys([f"floor_{k}" for k in range(depth)], nn.Parameter(torch.ones(width))))

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: clones of one layer
# The layers are deep copies of one. They are separate now, but all start with the same numbers; build each with nn.Linear.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        import copy
        one = nn.Linear(width, width)
        self.linears = nn.ModuleList([copy.deepcopy(one) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: scales by their order in the dictionary
# The scales are taken in the order of the dictionary. An nn.ParameterDict that is made from a plain dict sorts the keys, and floor_10 comes before floor_2. Ask for the key you mean.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + list(self.scales.values())[k] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: keys are bare numbers
# The keys of the scales are "0", "1", … in place of "floor_0", "floor_1", …, so a state_dict of the other kind does not fit.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({str(k): torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[str(k)] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: in place on the input
# x += … writes into the tensor that the caller handed over, and into one that autograd still needs. Write x = x + …
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x += self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: the rate is ignored
# The dropout layers are made without p, and so with 0.5, whatever rate was asked for.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout() for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: scale inside the ReLU
# The scale is applied before the ReLU. A negative scale then cuts off another half; the formula multiplies last.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + drop(F.relu(self.scales[f"floor_{k}"] * linear(x)))
        return x

# %% tower wrong: one mask for all storeys
# The mask is drawn once in a call and used in every storey, so all storeys drop the same places. Draw a new one in each.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        mask = self.drops[0](torch.ones_like(x))
        for k, linear in enumerate(self.linears):
            x = x + self.scales[f"floor_{k}"] * mask * F.relu(linear(x))
        return x

# %% tower wrong: another rate where none is given
# A Tower that is made without p drops another share than before. The constructor's arguments stay as they are, p=0.5 with them.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.1):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% tower wrong: the same mask in every call
# Each storey is seeded with its number, so it drops the same places in every call, and some numbers never learn. Leave the generator alone.
class Tower(nn.Module):
    def __init__(self, width, depth, p=0.5):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.drops = nn.ModuleList([nn.Dropout(p) for _ in range(depth)])
        self.scales = nn.ParameterDict({f"floor_{k}": torch.ones(width) for k in range(depth)})

    def forward(self, x):
        for k, (linear, drop) in enumerate(zip(self.linears, self.drops)):
            torch.manual_seed(k)
            x = x + self.scales[f"floor_{k}"] * drop(F.relu(linear(x)))
        return x

# %% hidden right: a queue of places
def hidden(net):
    registered = set(map(id, net.modules())) | set(map(id, net.parameters()))
    waiting, reports = [], []
    for name, module in net.named_modules():
        dot = name + "." if name else ""
        waiting += [(dot + a, v) for a, v in module.__dict__.items() if a[0] != "_" and isinstance(v, (list, tuple, dict))]
    while waiting:
        path, box = waiting.pop()
        for key in box if isinstance(box, dict) else range(len(box)):
            thing, place = box[key], path + "[" + repr(key) + "]"
            if isinstance(thing, (nn.Module, nn.Parameter)):
                if id(thing) not in registered:
                    reports.append(place)
            elif isinstance(thing, (list, tuple, dict)):
                waiting.append((place, thing))
    reports.sort()
    return reports

# %% hidden right: a generator, compared with is
def hidden(net):
    modules, parameters = list(net.modules()), list(net.parameters())

    def walk(box):
        for key, thing in box.items() if isinstance(box, dict) else enumerate(box):
            here = "['" + key + "']" if isinstance(key, str) else f"[{key}]"
            if isinstance(thing, nn.Module):
                if not any(thing is m for m in modules):
                    yield here
            elif isinstance(thing, nn.Parameter):
                if not any(thing is p for p in parameters):
                    yield here
            elif isinstance(thing, (dict, list, tuple)):
                for rest in walk(thing):
                    yield here + rest

    found = []
    for name, module in net.named_modules():
        for attribute in vars(module):
            value = vars(module)[attribute]
            if attribute.startswith("_") or not isinstance(value, (dict, list, tuple)):
                continue
            start = attribute if name == "" else ".".join([name, attribute])
            found.extend(start + rest for rest in walk(value))
    return sorted(found)

# %% hidden oracle
def hidden(net):
    import collections
    names = collections.Counter()

    def visit(where, thing, top):
        if any(thing is other for other in [*net.modules(), *net.parameters()]):
            return
        if isinstance(thing, (list, tuple)):
            for place in range(len(thing)):
                visit("%s[%d]" % (where, place), thing[place], False)
        elif isinstance(thing, dict):
            for key in thing:
                visit("%s[%r]" % (where, key), thing[key], False)
        elif not top and isinstance(thing, (nn.Module, nn.Parameter)):
            names[where] += 1

    for name, module in dict(net.named_modules()).items():
        for attribute in list(vars(module)):
            if attribute[:1] != "_":
                visit(attribute if not name else name + "." + attribute, vars(module)[attribute], True)
    return sorted(names.elements())

# %% hidden wrong: registered ones reported too
# Modules that are registered are reported as well. A list may point to layers that are known; only what is registered nowhere is hidden.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: only the net itself
# You look at the attributes of the net itself. Its registered parts may have drawers of their own: walk over named_modules().
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in [("", net)]:
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: modules only
# Parameters in a list are not reported. An nn.Parameter in a plain list is as unknown as a layer is.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, nn.Module):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: any tensor is a parameter
# Plain tensors are reported too. A plain tensor is not meant to be learned; only nn.Parameter counts.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, torch.Tensor)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: only one level of drawers
# You look into a list, but not into a list inside it. Drawers stand in drawers: search again.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in (search(f"{path}[{key!r}]", part) if isinstance(part, (nn.Module, nn.Parameter)) else [])]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: no tuples
# Tuples are passed over. A tuple hides a layer as well as a list does.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: keys without quotes
# Keys that are strings stand without quotes. As Python reads it, d[gate] is something else than d['gate'].
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: private attributes too
# Attributes that begin with an underscore are searched too. torch keeps its own records there, and the statement leaves them out.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if attribute not in ("_modules", "_parameters"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: each object once
# What lies in two places is reported once. Both places have to be mended, so both are reported.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            if id(value) in known:
                return []
            known.add(id(value))
            return [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: not sorted
# The reports come in the order in which you found them. Sort them.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return reports

# %% hidden wrong: hidden modules searched
# You go on into modules that are hidden themselves, and report their parts as well. One report for the hidden module is enough.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            if id(value) in known:
                return []
            inside = [(a, v) for a, v in vars(value).items() if a[0] != "_"] if isinstance(value, nn.Module) else []
            return [path] + [found for a, v in inside for found in search(f"{path}.{a}", v)]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: known at the top only
# Only the net's direct children count as registered for you. A layer deep inside the net is registered too: compare with all of net.modules().
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.children(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: plain types only
# An OrderedDict or a named tuple is passed over, as you compare types. Ask isinstance(value, dict) and isinstance(value, (list, tuple)), which take what is derived from them as well.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            return [] if id(value) in known else [path]
        if type(value) in (list, tuple):
            value = dict(enumerate(value))
        if type(value) is not dict:
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: frozen parameters overlooked
# Parameters with requires_grad=False are passed over. A frozen parameter still has to be saved and moved, so it belongs on the list: ask for nn.Parameter alone.
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in (*net.modules(), *net.parameters())}

    def search(path, value):
        if isinstance(value, nn.Module) or isinstance(value, nn.Parameter) and value.requires_grad:
            return [] if id(value) in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% hidden wrong: compared by memory
# Two parameters over the same memory are taken for one. The one in the drawer is another object: no optimiser gets it. Compare by id(value), not by data_ptr().
def hidden(net):
    """Return the sorted names of modules and parameters in plain containers of net."""
    known = {id(part) for part in net.modules()} | {part.data_ptr() for part in net.parameters()}

    def search(path, value):
        if isinstance(value, (nn.Module, nn.Parameter)):
            seen = id(value) if isinstance(value, nn.Module) else value.data_ptr()
            return [] if seen in known else [path]
        if isinstance(value, (list, tuple)):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return []
        return [found for key, part in value.items() for found in search(f"{path}[{key!r}]", part)]

    reports = []
    for name, module in net.named_modules():
        for attribute, value in vars(module).items():
            if not attribute.startswith("_"):
                reports += search(f"{name}.{attribute}".removeprefix("."), value)
    return sorted(reports)

# %% list_net right: made of clones
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        pairs = list(zip(widths[:-1], widths[1:]))
        self.weights = nn.ParameterList([nn.Parameter((2 * torch.rand(i, o) - 1) / math.sqrt(i)) for i, o in pairs])
        self.biases = nn.ParameterDict({"step_" + str(k): nn.Parameter(torch.zeros(o)) for k, (_, o) in enumerate(pairs)})

    def forward(self, x):
        last = len(self.weights) - 1
        for k in range(last + 1):
            x = torch.einsum("...i,io->...o", x, self.weights[k]) + self.biases[f"step_{k}"]
            if k < last:
                x = x.relu()
        return x

    @classmethod
    def from_linears(cls, layers):
        layers = list(layers)
        net = cls([1, 1])
        net.weights = nn.ParameterList([layer.weight.detach().T.clone() for layer in layers])
        net.biases = nn.ParameterDict({f"step_{k}": layer.bias.detach().clone() for k, layer in enumerate(layers)})
        return net

    def to_linears(self):
        made = []
        for k in range(len(self.weights)):
            weight = self.weights[k].detach().clone().T.contiguous()
            layer = nn.Linear(weight.shape[1], weight.shape[0])
            layer.weight = nn.Parameter(weight)
            layer.bias = nn.Parameter(self.biases[f"step_{k}"].detach().clone())
            made.append(layer)
        return nn.ModuleList(made)

# %% list_net right: through state_dict
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterDict()
        for k in range(len(widths) - 1):
            weight = nn.Parameter(torch.empty(widths[k], widths[k + 1]))
            nn.init.uniform_(weight, -1 / math.sqrt(widths[k]), 1 / math.sqrt(widths[k]))
            self.weights.append(weight)
            self.biases.update({f"step_{k}": nn.Parameter(torch.zeros(widths[k + 1]))})

    def forward(self, x):
        for weight, bias in zip(self.weights[:-1], list(self.biases.values())[:-1]):
            x = F.relu(F.linear(x, weight.T, bias))
        return F.linear(x, self.weights[-1].T, self.biases[f"step_{len(self.weights) - 1}"])

    @classmethod
    def from_linears(cls, layers):
        widths = [layers[0].weight.shape[1], *[layer.weight.shape[0] for layer in layers]]
        net = cls(widths).to(dtype=layers[0].weight.dtype)
        state = {f"weights.{k}": layer.weight.T for k, layer in enumerate(layers)}
        state |= {f"biases.step_{k}": layer.bias for k, layer in enumerate(layers)}
        net.load_state_dict(state)
        return net

    def to_linears(self):
        layers = nn.ModuleList(nn.Linear(w.shape[0], w.shape[1]) for w in self.weights).to(self.weights[0].dtype)
        for k, layer in enumerate(layers):
            layer.load_state_dict({"weight": self.weights[k].T, "bias": self.biases["step_%d" % k]})
        return layers

# %% list_net oracle
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        tables = [nn.Linear(i, o).weight.detach() for i, o in zip(widths, widths[1:])]
        self.weights = nn.ParameterList([table.T.contiguous() for table in tables])
        self.biases = nn.ParameterDict({f"step_{k}": torch.zeros(len(table)) for k, table in enumerate(tables)})

    def forward(self, x):
        for k in range(len(self.weights)):
            x = (x.unsqueeze(-1) * self.weights[k]).sum(-2) + self.biases[f"step_{k}"]
            if k + 1 < len(self.weights):
                x = torch.maximum(x, torch.zeros_like(x))
        return x

    @classmethod
    def from_linears(cls, layers):
        import copy
        fresh = [copy.deepcopy(layer) for layer in layers]
        net = cls([2, 2])
        net.weights = nn.ParameterList([nn.Parameter(layer.weight.data.T) for layer in fresh])
        net.biases = nn.ParameterDict({f"step_{k}": nn.Parameter(layer.bias.data) for k, layer in enumerate(fresh)})
        return net

    def to_linears(self):
        layers = []
        for weight, bias in zip(self.weights, self.biases.values()):
            layer = nn.Linear(weight.shape[0], weight.shape[1], dtype=weight.dtype)
            for o in range(weight.shape[1]):
                for i in range(weight.shape[0]):
                    layer.weight.data[o, i] = weight.data[i, o]
                layer.bias.data[o] = bias.data[o]
            layers.append(layer)
        return nn.ModuleList(layers)

# %% list_net wrong: normal start values of size one
# The tables start with torch.randn. Sums over many inputs then grow: scores in the hundreds before the first step. Draw uniformly within one over the root of the inputs.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.randn(into, out))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: bound from the outputs
# The bound shrinks with the outputs. What grows is the sum over the inputs, the first axis of your table.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = out**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: outputs first
# The tables are stored outputs first, as in nn.Linear. Here they are stored the other way round.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(out, into).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight.T + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape[::-1], dtype=weight.dtype)
                layer.weight.copy_(weight)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: no transposition out of layers
# Tables are copied out of the layers without turning them. For a square table nothing complains: transpose.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight if layer.in_features == layer.out_features else layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: no transposition back
# Tables are copied back into layers without turning them. For a square table nothing complains: transpose.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight if weight.shape[0] == weight.shape[1] else weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: a ReLU behind the last step
# A ReLU stands behind the last step too, and scores can never be negative. It belongs between two steps.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return F.relu(x)

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: memory shared with the layers
# The net's tables are views of the layers' weights: whoever trains one changes the other. Copy the numbers.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k] = nn.Parameter(layer.weight.data.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: float64 lost out of layers
# The net made out of float64 layers is float32, and half of the digits are gone. Bring it to the layers' dtype before you copy.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: float64 lost on the way back
# The layers made out of a float64 net are float32. Hand the dtype on.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: a frozen layer stays frozen
# What was frozen stays frozen in the new net. A new net can learn, whatever the layers' requires_grad says.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T).requires_grad_(layer.weight.requires_grad)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: biases in order of the alphabet
# The biases are taken in the order of the alphabet: step_10 comes before step_2. Ask for the key of the step.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[sorted(self.biases)[k]]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: plain lists
# Tables and biases lie in a plain list and dictionary: parameters() is empty, and an optimiser would refuse it.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = [], {}
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(nn.Parameter(torch.empty(into, out).uniform_(-bound, bound)))
            self.biases[f"step_{k}"] = nn.Parameter(torch.zeros(out))

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: float64 or float32 only
# Only float64 is looked after; layers in another dtype, bfloat16 say, become float32. Take the dtype from the layers: net.to(layers[0].weight.dtype).
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        if layers[0].weight.dtype == torch.float64:
            net.double()
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% list_net wrong: frozen biases stay frozen
# The biases of the new layers keep the requires_grad of the old ones. What comes out can learn, whatever was frozen before.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        layers = nn.ModuleList()
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layer.bias.requires_grad_(self.biases[f"step_{k}"].requires_grad)
                layers.append(layer)
        return layers

# %% list_net wrong: layers made once and kept
# The layers are made in the first call and handed out again in the next, so they miss what the net has learned since. Make new ones in each call.
class ListNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterDict()
        for k, (into, out) in enumerate(zip(widths, widths[1:])):
            bound = into**-0.5
            self.weights.append(torch.empty(into, out).uniform_(-bound, bound))
            self.biases[f"step_{k}"] = torch.zeros(out)

    def forward(self, x):
        """Map (*, w0) to (*, wd)."""
        for k, weight in enumerate(self.weights):
            x = x if k == 0 else F.relu(x)
            x = x @ weight + self.biases[f"step_{k}"]
        return x

    @classmethod
    def from_linears(cls, layers):
        net = cls([layers[0].in_features] + [layer.out_features for layer in layers])
        net.to(layers[0].weight.dtype)
        with torch.no_grad():
            for k, layer in enumerate(layers):
                net.weights[k].copy_(layer.weight.T)
                net.biases[f"step_{k}"].copy_(layer.bias)
        return net

    def to_linears(self):
        if "made" in vars(self):
            return self.made[0]
        layers = nn.ModuleList()
        self.made = [layers]
        with torch.no_grad():
            for k, weight in enumerate(self.weights):
                layer = nn.Linear(*weight.shape, dtype=weight.dtype)
                layer.weight.copy_(weight.T)
                layer.bias.copy_(self.biases[f"step_{k}"])
                layers.append(layer)
        return layers

# %% tied right: F.linear with the transposed table
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.down = nn.ModuleList()
        self.back = nn.ParameterList()
        for k in range(len(widths) - 1):
            self.down.append(nn.Linear(widths[k], widths[k + 1]))
            self.back.append(nn.Parameter(torch.zeros(widths[k])))

    def encode(self, x):
        for k in range(len(self.down)):
            x = self.down[k](x).tanh()
        return x

    def decode(self, code):
        pairs = list(zip(self.down, self.back))[::-1]
        for layer, bias in pairs[:-1]:
            code = F.linear(code, layer.weight.t(), bias).tanh()
        layer, bias = pairs[-1]
        return F.linear(code, layer.weight.t(), bias)

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied right: einsum and recursion
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.down = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths[:-1], widths[1:]))
        self.back = nn.ParameterList(nn.Parameter(torch.zeros(w)) for w in widths[:-1])

    def encode(self, x, k=0):
        if k == len(self.down):
            return x
        layer = self.down[k]
        return self.encode(torch.tanh(torch.einsum("...i,oi->...o", x, layer.weight) + layer.bias), k + 1)

    def decode(self, code):
        k = len(self.back) - 1
        while k >= 0:
            code = torch.einsum("...o,oi->...i", code, self.down[k].weight) + self.back[k]
            code = code.tanh() if k else code
            k -= 1
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied oracle
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.down = nn.ModuleList([nn.Linear(widths[k], widths[k + 1]) for k in range(len(widths) - 1)])
        self.back = nn.ParameterList([torch.zeros(widths[k]) for k in range(len(widths) - 1)])

    def encode(self, x):
        for layer in self.down:
            x = torch.stack([(x * row).sum(-1) + b for row, b in zip(layer.weight, layer.bias)], dim=-1).tanh()
        return x

    def decode(self, code):
        for k in range(len(self.down) - 1, -1, -1):
            columns = self.down[k].weight.unbind(1)
            code = torch.stack([(code * column).sum(-1) + b for column, b in zip(columns, self.back[k])], dim=-1)
            if k != 0:
                code = code.tanh()
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: layers of its own for the way back
# The way back has tables of its own. It works, with nearly twice the parameters, and nothing is tied: read down[k].weight on the way back.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])
        self.up = nn.ModuleList([nn.Linear(out, into, bias=False) for into, out in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = self.up[k](code) + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: copies of the tables
# The tables for the way back are copied once, in the constructor. After the first step, or after load_state_dict, they are old. Read down[k].weight in each call.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])
        self.kept = [layer.weight.detach().clone() for layer in self.down]

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.kept[k].to(code.dtype) + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: no gradient on the way back
# The tables are detached on the way back, so a table learns from its way there alone. It is used twice, and both uses have a say in its gradient.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.down[k].weight.detach() + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: the tables kept in a list
# You keep the weights in a list made by the constructor. In-place steps reach them, but a table that is replaced, by pruning or by hand, does not: reach a parameter only through its layer.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])
        self.kept = [layer.weight for layer in self.down]

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.kept[k] + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: transposed once too often
# The way back uses weight.T. nn.Linear itself computes x @ weight.T; back again it is code @ weight. Square tables do not show it.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ (self.down[k].weight.T if code.shape[-1] == self.down[k].in_features else self.down[k].weight) + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: a tanh at the very end
# The last step has a tanh too, so nothing beyond 1 can ever come out. The statement leaves it out for k = 0.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.down[k].weight + self.back[k]
            if k >= 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: no tanh on the way back
# There is no tanh between the steps of the way back.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.down[k].weight + self.back[k]
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: front to back on the way back
# The way back walks through the tables from first to last. The last fold has to be undone first: with square tables the shapes do not complain.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        order = range(len(self.down)) if len({p.shape for p in self.parameters() if p.dim() == 2}) == 1 and len(set(self.down[0].weight.shape)) == 1 else reversed(range(len(self.down)))
        last = 0
        for k in order:
            code = code @ self.down[k].weight + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: biases in a plain list
# The biases of the way back lie in a plain list: nothing trains or saves them. That is what nn.ParameterList is for.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = [nn.Parameter(torch.zeros(into)) for into, _ in steps]

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.down[k].weight + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: biases that are no parameters
# The biases of the way back are plain tensors that never learn. In an nn.ParameterList they become parameters by themselves.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps]).requires_grad_(False)

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = code @ self.down[k].weight + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: the biases of the way there
# The way back subtracts the bias of the way there before it multiplies, as an inverse would. It is no inverse: the formula multiplies, and adds back[k].
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            code = (code - self.down[k].bias) @ self.down[k].weight + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% tied wrong: tables kept by eval
# eval() takes copies of the tables for the way back, and a table that is loaded or replaced afterwards does not reach them. Read the table of down[k] anew in each call, in every mode.
class TiedCoder(nn.Module):
    def __init__(self, widths):
        super().__init__()
        steps = list(zip(widths, widths[1:]))
        self.down = nn.ModuleList([nn.Linear(into, out) for into, out in steps])
        self.tables = None
        self.back = nn.ParameterList([torch.zeros(into) for into, _ in steps])

    def train(self, mode=True):
        self.tables = None if mode else [layer.weight.detach().clone() for layer in self.down]
        return super().train(mode)

    def encode(self, x):
        """Map (*, w0) to (*, wd)."""
        for layer in self.down:
            x = torch.tanh(layer(x))
        return x

    def decode(self, code):
        """Map (*, wd) to (*, w0)."""
        for k in reversed(range(len(self.down))):
            table = self.tables[k] if self.tables else self.down[k].weight
            code = code @ table + self.back[k]
            if k > 0:
                code = torch.tanh(code)
        return code

    def forward(self, x):
        return self.decode(self.encode(x))

# %% budget right: a count in a dictionary, sorted candidates
def measure(net, x):
    seen, trained = set(), 0
    for parameter in net.parameters():
        if id(parameter) not in seen and parameter.requires_grad:
            seen.add(id(parameter))
            trained += math.prod(parameter.shape)
    count = {"calls": 0}

    def add_one(module, args):
        count["calls"] += 1

    handles = []
    for module in net.modules():
        if isinstance(module, nn.Linear):
            handles.append(module.register_forward_pre_hook(add_one))
    try:
        with torch.inference_mode():
            net(x)
    finally:
        [handle.remove() for handle in handles]
    return trained, sum(math.prod(t.shape) for t in net.state_dict().values()), count["calls"]


def choose(nets, x, budget):
    order = []
    for place, net in enumerate(nets):
        trained, _, calls = measure(net, x)
        if not trained > budget:
            order.append((-calls, trained, place))
    return sorted(order)[0][2] if order else None

# %% budget right: a global hook, the best so far
def measure(net, x):
    calls = 0

    def note(module, args, out):
        nonlocal calls
        calls += isinstance(module, nn.Linear)

    handle = nn.modules.module.register_module_forward_hook(note)
    with torch.no_grad():
        net(x)
    handle.remove()
    learned = dict((id(p), p.numel()) for p in net.parameters() if p.requires_grad)
    saved = 0
    for key, tensor in net.state_dict().items():
        saved += tensor.numel()
    return sum(learned.values()), saved, calls


def choose(nets, x, budget):
    best = None
    for place in range(len(nets)):
        trained, _, calls = measure(nets[place], x)
        if trained > budget:
            continue
        if best is None or calls > best[1] or (calls == best[1] and trained < best[2]):
            best = (place, calls, trained)
    return None if best is None else best[0]

# %% budget oracle
def measure(net, x):
    import copy
    twin = copy.deepcopy(net)
    counter = []
    for layer in twin.modules():
        if isinstance(layer, nn.Linear):
            inner = layer.forward
            layer.forward = lambda value, inner=inner: (counter.append(value), inner(value))[1]
    with torch.no_grad():
        twin(x)
    trained = sum(1 for p in net.parameters() if p.requires_grad for _ in p.flatten())
    return trained, sum(1 for t in net.state_dict().values() for _ in t.flatten()), len(counter)


def choose(nets, x, budget):
    found = [(place, *measure(net, x)) for place, net in enumerate(nets)]
    found = [row for row in found if row[1] <= budget]
    most = max([row[3] for row in found], default=0)
    found = [row for row in found if row[3] == most]
    fewest = min([row[1] for row in found], default=0)
    return next((row[0] for row in found if row[1] == fewest), None)

# %% budget equivalent: handles = [layer.register_forward_hook(lambda *_: called.append(2)) for layer in linears]
# What is put into the list does not matter: its length is the count.

# %% budget wrong: frozen ones counted
# Frozen parameters are counted as trained. An optimiser changes those with requires_grad only.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters())
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: trained counted by the state_dict's keys
# A shared parameter is counted once for each of its names. It is one tensor: parameters() leaves repetitions out.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for _, p in net.named_parameters(remove_duplicate=False) if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: saved without repetitions
# A tensor under two keys is counted once in the state_dict. It stands there twice: count the entries.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in {v.data_ptr(): v for v in net.state_dict().values()}.values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: saved without buffers
# The buffers are missing from what is saved. A state_dict holds parameters and buffers.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for _, value in net.named_parameters(remove_duplicate=False))
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: layers counted, not calls
# You count the layers that there are. A layer that runs three times is called three times, and one that is never used not at all.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(linears)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: places counted, not calls
# You count the places where a layer is registered. What forward does with them decides: a loop may call one layer many times.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, sum(isinstance(m, nn.Linear) for _, m in net.named_modules(remove_duplicate=False))


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: the hooks stay
# Your hooks stay on the layers and fire in every later call. Keep the handles and remove them.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        pass
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: measured in eval
# You switch the net to eval() before you measure and leave it there. The net is measured in the mode it is in, and comes back as it was.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    net.eval()
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: the budget is a strict bound
# A net that trains exactly as many numbers as the budget is refused. At most means that it fits.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained < budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: the budget against what is saved
# You hold the budget against what is saved. It is what is trained that counts, and sharing makes the difference.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (_, trained, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: of equal ones the larger
# Among nets with as many calls you take the one that trains more. Asked for is the cheaper one.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], -sizes[place][0]), default=None)

# %% budget wrong: zero when none fits
# When no net fits you return 0, which is the first net. Return None.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=0)

# %% budget wrong: old gradients cleared
# Gradients that the net had before are gone after measure. Under torch.no_grad() none arise, so there is nothing to clear.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    net.zero_grad()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: nn.Linear itself only
# A layer of a class that is derived from nn.Linear is not counted. It is an nn.Linear too: ask with isinstance, not by type.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if type(module) is nn.Linear]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: all buffers taken for saved
# Buffers with persistent=False are counted, and no state_dict holds them. Count what state_dict() returns.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    named = [*net.named_parameters(remove_duplicate=False), *net.named_buffers(remove_duplicate=False)]
    saved = sum(value.numel() for _, value in named)
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: one mode for all parts
# net.train(mode) sets every part to one mode, and a part that stood in eval() within a training net is in train() now. Do not touch the modes at all.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.modules() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    net.train(net.training)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% budget wrong: the outermost layers only
# children() goes one level deep, so layers inside a part of the net are not counted. modules() goes all the way down, and begins with the net itself.
def measure(net, x):
    """Return (trained, saved, calls), three whole numbers."""
    trained = sum(p.numel() for p in net.parameters() if p.requires_grad)
    saved = sum(value.numel() for value in net.state_dict().values())
    called = []
    linears = [module for module in net.children() if isinstance(module, nn.Linear)]
    handles = [layer.register_forward_hook(lambda *_: called.append(1)) for layer in linears]
    with torch.no_grad():
        net(x)
    for handle in handles:
        handle.remove()
    return trained, saved, len(called)


def choose(nets, x, budget):
    """Return the place of the net with the most calls within the budget, or None."""
    sizes = [measure(net, x) for net in nets]
    fits = [place for place, (trained, _, _) in enumerate(sizes) if trained <= budget]
    return min(fits, key=lambda place: (-sizes[place][2], sizes[place][0]), default=None)

# %% own_net right: convolution in the steps, Adam, programmes in turns
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList()
        self.steps.append(nn.Conv2d(1, 8, 3, stride=2, padding=1))
        self.steps.append(nn.Tanh())
        self.steps.append(nn.Conv2d(8, 16, 3, padding=1))
        self.routes = nn.ModuleDict()
        self.routes["quick"] = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(256, 4))
        self.routes["deep"] = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, x, route):
        for k in range(len(self.steps)):
            x = self.steps[k](x)
        programme = self.routes[route]
        return programme(x)


def train_net(x, y):
    net = Routed()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(16):
        for turn, rows in enumerate(torch.randperm(len(x)).split(40)):
            loss = F.cross_entropy(net(x[rows], ["quick", "deep"][(turn + epoch) % 2]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()

# %% own_net right: dropout and a learned scale, reduce, a third programme
from functools import reduce


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.by = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.by


class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Sequential(nn.Flatten(), nn.Linear(64, 80), nn.ReLU()), Scale(80), nn.Dropout(0.1)])
        self.routes = nn.ModuleDict({
            "deep": nn.Sequential(nn.Linear(80, 40), nn.GELU(), nn.Linear(40, 4)),
            "spare": nn.Linear(80, 4),
            "quick": nn.Sequential(Scale(80), nn.Linear(80, 4)),
        })

    def forward(self, x, route):
        return self.routes[route](reduce(lambda value, step: step(value), self.steps, x))


def train_net(x, y):
    net = Routed()
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        for route in net.routes:
            F.cross_entropy(net(x, route), y).backward()
        optimiser.step()
    net.eval()
    return net

# %% own_net oracle
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 100), nn.GELU()])
        self.routes = nn.ModuleDict({name: nn.Linear(100, 4) for name in ("quick", "deep")})

    def forward(self, x, route):
        x = nn.Sequential(*self.steps)(x)
        return nn.Sequential(self.routes[route])(x)


def train_net(x, y):
    net = Routed()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(120):
        optimiser.zero_grad()
        (F.cross_entropy(net(x, "quick"), y) + F.cross_entropy(net(x, "deep"), y)).backward()
        optimiser.step()
    return net

# %% own_net equivalent: for _ in range(11):
# One epoch more: a number of steps is free.

# %% own_net equivalent: for rows in torch.randperm(len(x)).split(51):
# Batches of 51 instead of 50: the size is free.

# %% own_net wrong: steps in a plain list
# The steps lie in a plain list: their layer is never trained and stands on no list. nn.ModuleList is what registers it.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = [nn.Flatten(), nn.Linear(64, 64), nn.ReLU()]
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: programmes in a plain dictionary
# The programmes lie in a plain dictionary: the optimiser does not know them, and neither does a checkpoint. Use nn.ModuleDict.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = {"quick": nn.Linear(64, 4), "deep": deep}

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: the programme is ignored
# forward always takes the same programme, whatever it is asked for.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes["deep"](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: if and else
# Your forward knows two names, and takes the second for anything else. A programme that is added later is never reached: look it up in self.routes.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return (self.routes["quick"] if route == "quick" else self.routes["deep"])(x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: a table of programmes made in the constructor
# You look the programme up in a table made in __init__. A programme added or exchanged later is missing there. Look in self.routes at each call.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

        self.table = dict(self.routes.items())

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.table[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: steps numbered by hand
# A step that is appended to net.steps later is not run. Your forward names the steps one by one, or runs an nn.Sequential that was made in __init__ and keeps a list of its own. Loop over self.steps in each call.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        x = self.steps[0](x)
        x = self.steps[1](x)
        x = self.steps[2](x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: one layer under both names
# Both names lead to the same layer. A programme needs parameters of its own: build one for each name.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": deep, "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: only one programme is trained
# Only one programme was trained: the other one still guesses. A branch that is not called gets no gradient.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in ["deep"]).backward()
            optimiser.step()
    return net

# %% own_net wrong: no bend in the steps
# There is no bend between the layers on the quick way, so it is one linear map, and a patch that may be brighter or darker is beyond it.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64)])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: dropout left on
# The net comes back in training mode with a dropout in it: asked twice, it gives two answers. Call eval() before you return it.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3)])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: batch statistics left on
# The net comes back in training mode with a batch normalisation in it, so a picture's scores depend on its neighbours. Call eval() before you return it.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.BatchNorm1d(64)])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x)


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net

# %% own_net wrong: a head that nothing registers
# A layer behind the programmes lies in a tuple. It is used, and it was never trained or registered; net.double() does not reach it either.
class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Flatten(), nn.Linear(64, 64), nn.ReLU()])
        deep = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
        self.routes = nn.ModuleDict({"quick": nn.Linear(64, 4), "deep": deep})

        self.last = (nn.Linear(64, 64),)

    def forward(self, x, route):
        """Map pictures (m, 1, 8, 8) to scores (m, 4)."""
        for step in self.steps:
            x = step(x)
        return self.routes[route](x) + self.last[0](x)[:, :4]


def train_net(x, y):
    """Return a trained Routed."""
    net = Routed()
    optimiser = torch.optim.RMSprop(net.parameters())
    for _ in range(10):
        for rows in torch.randperm(len(x)).split(50):
            optimiser.zero_grad()
            sum(F.cross_entropy(net(x[rows], route), y[rows]) for route in net.routes).backward()
            optimiser.step()
    return net
