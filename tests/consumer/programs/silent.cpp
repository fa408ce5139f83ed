// A program whose main() lets no exception pass.
int main(int, char**) noexcept {}
