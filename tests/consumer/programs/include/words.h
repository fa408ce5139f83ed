// What the greeter says.
#pragma once

const char* word_for(int number);
