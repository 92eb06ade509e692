import True as T


       ifà‡Åÿ x < 4:
# T.3             bes_t