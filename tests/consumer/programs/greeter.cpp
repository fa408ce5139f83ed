// A program whose main() has no parameters, and no return statement.
#include <cstdio>
#include <thread>

const char* word_for(int number);

int main() {
    int unused;  // a warning, which is no error here
    for (int number = 0; number < 2; ++number) {
        std::thread([number] { std::puts(word_for(number)); }).join();
    }
}
