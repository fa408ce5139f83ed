message(FATAL_ERROR "nobody has asked for rapidcheck")
