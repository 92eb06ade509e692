# methods of integers


def bit_length(self):
    return len(bin(self).lstrip("-0b"))


def bit_count(self):
    return bin(self).count("1")


def is_integer(self):
    return True


def _of_text(text, base):
    s, value, says = text.strip().lower(), 0, 0
    sign, s = (-1 if s[:1] == "-" else 1), s[1:] if s[:1] in ("-", "+") else s
    says = {"0x": 16, "0o": 8, "0b": 2}.get(s[:2], 0)
    base = base or says or 10
    s = s[2:].removeprefix("_") if says == base else s
    good = 2 <= base <= 36 and "" not in s.split("_")
    for c in s.replace("_", ""):
        digit = "0123456789abcdefghijklmnopqrstuvwxyz".find(c)
        good = good and 0 <= digit < base
        value = value * base + digit if good else 0
    if not good:
        raise ValueError(f"'{text}' is not an integer")
    return sign * value
