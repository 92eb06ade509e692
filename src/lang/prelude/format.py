# format(): a value as its specification says
from kiln import float_text


def _taken(text, characters):
    n = 0
    while n < len(text) and text[n] in characters:
        n += 1
    return (text[:n], text[n:])


def _one(text, *marks):
    return (text[:1], text[1:]) if text[:1] in marks else ("", text)


def _grouped(digits, mark, by):
    if not mark:
        return digits
    first = len(digits) % by
    groups = [digits[i:i + by] for i in range(first, len(digits), by)]
    return mark.join(([digits[:first]] if first else []) + groups)


def _digits(x, base):
    text = ""
    while x or not text:
        text, x = "0123456789abcdef"[x % base] + text, x // base
    return text


def _whole(x, kind, alt, group):
    base = {"x": 16, "X": 16, "b": 2, "o": 8}.get(kind, 10)
    text = _digits(abs(x), base)
    prefix = "0" + kind if alt and base != 10 else ""
    return prefix + _grouped(text.upper() if kind == "X" else text, group, 3 if base == 10 else 4)


def _real(x, kind, alt, group, precision):
    x = abs(float(x)) * (100 if kind == "%" else 1)
    if not kind and precision is None:
        text = repr(x)
    else:
        text = float_text(x, {"": "g", "%": "f"}.get(kind, kind), 6 if precision is None else precision, alt != "")
        text += "" if kind or [c for c in text if c in ".en"] else ".0"
    whole, rest = _taken(text, "0123456789")
    return _grouped(whole, group, 3) + rest + ("%" if kind == "%" else "")


# the value without its padding; None: they do not fit
def _body(x, kind, alt, group, precision):
    whole = isinstance(x, int)
    if whole and kind in ("", "d", "x", "X", "b", "o", "n") and precision is None:
        return _whole(x, kind, alt, group)
    if whole and kind == "c" and 0 < x < 128:
        return chr(x)
    if (whole or isinstance(x, float)) and kind in ("", "e", "E", "f", "F", "g", "G", "%"):
        return _real(x, kind, alt, group, precision)
    return x[:precision] if isinstance(x, str) and kind in ("", "s") and not group else None


def _by_spec(x, spec, what):
    number, rest, fill, align = isinstance(x, (int, float)), spec, " ", ""
    if spec[1:2] in ("<", ">", "=", "^"):
        fill, align, rest = spec[0], spec[1], spec[2:]
    else:
        align, rest = _one(spec, "<", ">", "=", "^")
    sign, rest = _one(rest, "+", "-", " ")
    alt, rest = _one(rest, "#")
    zero, rest = _one(rest, "0")
    if zero and not align:
        fill, align = "0", "="
    width, rest = _taken(rest, "0123456789")
    group, rest = _one(rest, ",", "_")
    point, rest = _one(rest, ".")
    digits, rest = _taken(rest, "0123456789") if point else ("", rest)
    fits = len(rest) < 2 and len(width) < 5 and len(digits) < 3 and (number or not sign)
    body = _body(x, rest, alt, group, int(digits or 0) if point else None) if fits else None
    if body is None:
        raise ValueError(f"the format '{spec}' does not fit {what}")
    sign = ("-" if repr(x)[0] == "-" else sign.replace("-", "")) if number else ""
    pad = max(int(width or 0) - len(sign) - len(body), 0)
    align = align or (">" if number else "<")
    left = {">": pad, "^": pad // 2}.get(align, 0)
    return fill * left + sign + (fill * pad if align == "=" else "") + body + (fill * (pad - left) if align in "<^" else "")
