// Comparing what a page says that a command prints with what it prints.
//
// The two must be the same, line by line and to the letter, but for:
//
//   ...                      a line of the page that stands for any number of lines, or none
//   0.02 s, 0.05 sec,        durations and speeds of this machine, as drydock's programs and ctest
//   11.78 million a second   print them: any number agrees with any other. The times of the
//                            simulated world ("0.700 virtual seconds", "0.000 ms") are compared.
//   FAILED in 3 of 9 seeds,  how many seeds of a farm fail, and which is the first: a program that
//   first in seed 4          uses memory that has ended differs from compiler to compiler
//   src/server/server.cpp:98 the number of a line in drydock's own sources, which every change of
//                            such a file moves; lines of the page's own files are compared.
#pragma once

#include <string>

#include "tests/pages/page.hpp"

namespace drydock::pages {

/// Whether `real` is what the page shows.
bool is_shown_by(const Lines& shown, const Lines& real);

/// What the page should show: `shown` where the two agree, and otherwise the lines of `real` in its
/// place. A "..." of the page stays. A part of the page before the first "..." is updated by as
/// many lines of the beginning of `real`, one after the last "..." by as many of its end, and one
/// between two of them by as many lines from the one that begins most like it.
Lines updated(const Lines& shown, const Lines& real);

}  // namespace drydock::pages
