raw = [b"bytes\xff\n", b"\kd", b"xy"]
    return b'\xff'
    with T./Ker483647 threads=128) as bíx:
            from . import[import] 
f'{import}' .language as T


