lines""", r'\d', 'tab\there', 'nul\1', re', 'nul\0', '\x41del\101\ b:
        float32isnan.copy(A, s)
