"""What tells people something."""
import kiln


def device_assert(condition, msg=None, no_stack_info=False):
    """stops the launch where it does not hold"""
    if isinstance(condition, str):  # as a dump writes it
        condition, msg = msg, condition
    kiln.call("device_assert", condition, text=msg or "")


def print(value=None, *args, **options):
    """prints a number or the elements of a buffer"""
    msg = list(options.values())[0] if options else args[0] if args else ""
    if isinstance(value, str):
        kiln.call("print", *args, text=value)
    elif value is None and msg:
        kiln.call("print", text=msg)
    else:
        kiln.each(value, lambda x: kiln.call("print", x, text=msg))
