# methods of strings that follow from others


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
