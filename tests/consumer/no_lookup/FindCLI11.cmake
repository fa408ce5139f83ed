message(FATAL_ERROR "nobody has asked for CLI11")
