// The version of drydock that a program is compiled with. Versions follow Semantic Versioning;
// before 1.0, a new minor version may change names and behavior.
//
// CMakeLists.txt reads the three numbers from this file: they stand nowhere else.
#pragma once

/// The first number of the version, for the preprocessor: `#if DRYDOCK_VERSION_MAJOR > 0`.
#define DRYDOCK_VERSION_MAJOR 0
/// The second number of the version.
#define DRYDOCK_VERSION_MINOR 1
/// The third number of the version.
#define DRYDOCK_VERSION_PATCH 0

#define DRYDOCK_VERSION_TEXT_(number) #number
#define DRYDOCK_VERSION_JOIN_(major, minor, patch) \
    DRYDOCK_VERSION_TEXT_(major)                   \
    "." DRYDOCK_VERSION_TEXT_(minor) "." DRYDOCK_VERSION_TEXT_(patch)

/// The version as a string literal: "MAJOR.MINOR.PATCH".
#define DRYDOCK_VERSION_STRING \
    DRYDOCK_VERSION_JOIN_(DRYDOCK_VERSION_MAJOR, DRYDOCK_VERSION_MINOR, DRYDOCK_VERSION_PATCH)
