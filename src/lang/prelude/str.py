# methods of strings that follow from others

_blanks = " \t\n\r\f\v"
_digits = "0123456789"
_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _made_of(text, characters):
    return text != "" and not [c for c in text if c not in characters]


def isdigit(self):
    return _made_of(self, _digits)


def isnumeric(self):
    return _made_of(self, _digits)


def isdecimal(self):
    return _made_of(self, _digits)


def isalpha(self):
    return _made_of(self, _letters)


def isalnum(self):
    return _made_of(self, _letters + _digits)


def isspace(self):
    return _made_of(self, _blanks)


def isidentifier(self):
    return _made_of(self, _letters + _digits + "_") and self[0] not in _digits


def isupper(self):
    return self == self.upper() and self != self.lower()


def islower(self):
    return self == self.lower() and self != self.upper()


def capitalize(self):
    return self[:1].upper() + self[1:].lower()


def title(self):
    first = [i == 0 or self[i - 1] not in _letters for i in range(len(self))]
    return "".join([self[i].upper() if first[i] else self[i].lower() for i in range(len(self))])


def swapcase(self):
    return "".join([c.lower() if c.isupper() else c.upper() for c in self])


def startswith(self, prefix):
    return True in [self[:len(p)] == p for p in (prefix if isinstance(prefix, tuple) else (prefix,))]


def endswith(self, suffix):
    return True in [self[max(len(self) - len(s), 0):] == s for s in (suffix if isinstance(suffix, tuple) else (suffix,))]


def lstrip(self, chars=None):
    chars, i = chars if chars is not None else _blanks, 0
    while i < len(self) and self[i] in chars:
        i += 1
    return self[i:]


def rstrip(self, chars=None):
    return self[::-1].lstrip(chars)[::-1]


def strip(self, chars=None):
    return self.lstrip(chars).rstrip(chars)


def rfind(self, sub):
    i = self[::-1].find(sub[::-1])
    return i if i < 0 else len(self) - i - len(sub)


def count(self, sub):
    return len(self.split(sub)) - 1 if sub else len(self) + 1


def replace(self, old, new, count=-1):
    if old:
        return new.join(self.split(old, count))
    count = len(self) + 1 if count < 0 else count
    return "".join([new + c for c in self[:count]]) + (self[count:] if count <= len(self) else new)


def partition(self, sep):
    i = self.find(sep)
    return (self, "", "") if i < 0 else (self[:i], sep, self[i + len(sep):])


def rpartition(self, sep):
    i = self.rfind(sep)
    return ("", "", self) if i < 0 else (self[:i], sep, self[i + len(sep):])


def rsplit(self, sep=None, maxsplit=-1):
    parts = self.split(sep)
    if maxsplit < 0 or len(parts) <= maxsplit + 1:
        return parts
    kept = len(parts) - maxsplit
    if sep is None:
        last = parts[kept:]
        for part in last[::-1]:
            self = self[:self.rindex(part)]
        return [self.rstrip()] + last
    return [sep.join(parts[:kept])] + parts[kept:]


def splitlines(self):
    lines = self.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def removeprefix(self, prefix):
    return self[len(prefix):] if prefix and self.startswith(prefix) else self


def removesuffix(self, suffix):
    return self[:-len(suffix)] if suffix and self.endswith(suffix) else self


def index(self, sub):
    if sub not in self:
        raise ValueError("substring not found")
    return self.find(sub)


def rindex(self, sub):
    if sub not in self:
        raise ValueError("substring not found")
    return self.rfind(sub)


def ljust(self, width, fill=" "):
    return self + fill * (width - len(self))


def rjust(self, width, fill=" "):
    return fill * (width - len(self)) + self


def center(self, width, fill=" "):
    pad = max(width - len(self), 0)
    left = pad // 2 + (pad & width & 1)
    return fill * left + self + fill * (pad - left)


def zfill(self, width):
    sign = self[:1] if self[:1] in ("+", "-") else ""
    return sign + self[len(sign):].rjust(width - len(sign), "0")


def casefold(self):
    return self.lower()


def _first(text, marks):
    found = [i for i in [text.find(c) for c in marks] if i >= 0]
    return min(found, default=len(text))


def _field(key, args, options, count):
    n = _first(key, ".[")
    name, path = key[:n], key[n:]
    if name == "":
        name, count[0] = str(count[0]), count[0] + 1
    if name.isdigit() and int(name) >= len(args):
        raise IndexError(f"the format has a field '{key}' without a value")
    if not name.isdigit() and name not in options:
        raise KeyError(f"the format has a field '{key}' without a value")
    x = args[int(name)] if name.isdigit() else options[name]
    while path:
        mark, path = path[0], path[1:]
        n = _first(path, ".[" if mark == "." else "]")
        part, path = path[:n], path[n if mark == "." else n + 1:]
        x = getattr(x, part) if mark == "." else x[int(part) if part.isdigit() else part]
    return x


def _fill(text, args, options, count):
    out = ""
    while text:
        n = _first(text, "{}")
        out, text = out + text[:n], text[n:]
        if text[:2] in ("{{", "}}"):
            out, text = out + text[0], text[2:]
        elif text[:1] == "}":
            raise ValueError("a single '}' in the format")
        elif text:
            end, deep = 1, 0
            while end < len(text) and (deep or text[end] != "}"):
                deep += (text[end] == "{") - (text[end] == "}")
                end += 1
            if end == len(text):
                raise ValueError("a field of the format is not closed")
            field, text = text[1:end], text[end + 1:]
            n = _first(field, ":!")
            x, spec = _field(field[:n], args, options, count), field[n:]
            if spec[:1] == "!":
                x, spec = str(x) if spec[1:2] == "s" else repr(x), spec[2:]
            out += f"{x:{_fill(spec[1:], args, options, count)}}"
    return out


def format(self, /, *args, **options):
    return _fill(self, args, options, [0])


def _span(text, characters):
    n = 0
    while n < len(text) and text[n] in characters:
        n += 1
    return n


def __mod__(self, args):
    values = args if isinstance(args, tuple) else (args,)
    out, taken, named = "", 0, isinstance(args, dict)
    while "%" in self:
        n = self.find("%")
        out, self = out + self[:n], self[n + 1:]
        if self[:1] == "%":
            out, self = out + "%", self[1:]
            continue
        if self[:1] == "(":
            n = _first(self, ")")
            x, self, named = args[self[1:n]], self[n + 1:], True
        elif taken == len(values):
            raise TypeError("not enough values for the format")
        else:
            x, taken = values[taken], taken + 1
        n = _span(self, "-+ #0")
        flags, self = self[:n], self[n:]
        n = _span(self, "0123456789.")
        width, kind, self = self[:n], self[n:n + 1], self[n + 1:]
        if not kind:
            raise ValueError("the format ends inside a field")
        left = "<" if "-" in flags else ""
        if kind in "rs" or (kind == "c" and isinstance(x, str)):
            x, spec = repr(x) if kind == "r" else str(x), (left or ">") + width
        else:
            x = int(x) if kind in "di" and isinstance(x, float) else x
            spec = left + flags.replace("-", "") + width + kind.replace("i", "d")
        out += f"{x:{spec}}"
    if taken < len(values) and not named:
        raise TypeError("more values than the format has fields")
    return out + self


def split(self, sep=None, maxsplit=-1):
    parts = []
    if sep is None:
        self = self.lstrip()
        while self:
            n = _first(self, _blanks) if len(parts) != maxsplit else len(self)
            parts.append(self[:n])
            self = self[n:].lstrip()
        return parts
    if sep == "":
        raise ValueError("an empty separator")
    while sep in self and len(parts) != maxsplit:
        n = self.find(sep)
        parts.append(self[:n])
        self = self[n + len(sep):]
    return parts + [self]


# of the fields of a named tuple, of the members of an Enum
def _names(names):
    if isinstance(names, str):
        return names.replace(",", " ").split()
    return [str(x[0] if isinstance(x, tuple) else x) for x in names]
