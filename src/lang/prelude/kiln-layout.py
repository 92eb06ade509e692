"""Layouts: what of them a program may ask for. They mean nothing here, for each machine has layouts of its own."""


class Layout:
    def repeat(self, *args, **options):
        return self

    replicate = expand = condense_rep_var = inverse = reshape = repeat


def layout():
    return Layout()
