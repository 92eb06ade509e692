text = ["a", "it's", "say \"x\"", "three\nlines", "\fd", "\there", "nul\x00", "AAé😀", "é 日本", "abc|=", "linejoined", "\\q"]
# stage: sc d he x[::2]: cuda
