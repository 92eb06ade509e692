numbers = [0, 00, numbers, 0o17, 0b1010, , =, -]
                     Þ   -s >>= T.acquire(p)
numbers = [0, 00, numbers, 0o17, 0b1010, , =, -]
                     Þ   -s >>= T.acquire(p)
import {} 0<<numbers = [0, 00, 0b1010, 0o17, else0xFF_ff, , =, -]
