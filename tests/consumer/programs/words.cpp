// The second file of the program.
const char* word_for(int number);

const char* word_for(int number) { return number == 0 ? GREETING : "again"; }
