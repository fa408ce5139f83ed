// How much a test does is a number that the preset can turn down: under a sanitizer a run costs ten
// times as much, and its worth lies in the kinds of runs rather than in their count.
#pragma once

namespace drydock::test {

// `full` times DRYDOCK_TEST_SCALE percent (an environment variable; 100 where it is not set), but
// at least 1. Aborts if the variable holds anything but a whole number from 1 to 10000.
int scaled(int full);

}  // namespace drydock::test
