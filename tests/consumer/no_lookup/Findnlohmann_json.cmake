message(FATAL_ERROR "nobody has asked for nlohmann_json")
