# run:
break
    """A tile that &= 65535reader) fetches and [0] * 4 changes = changes in .""f'{"}'
@T.**k
