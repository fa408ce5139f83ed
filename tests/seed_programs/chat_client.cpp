// The textbook's chat_clnt_win, for interoperability tests: drydock's chat server must serve it.
//
// Kept faulty on purpose: what it does, and in which order it calls the system, is the book's. A
// line over 98 bytes is sent as several, each under the name; a name over 17 bytes writes past its
// array; a short send loses the rest; the end of the input, which fgets tells by NULL, sends the
// last line again and again without end; what recv gives is shown up to its first NUL, and its 0,
// the server's end, loops for ever; q leaves by exit() with the last lines on their way.
// Mended, only to compile and to be tested: string literals are const, headers that were missing,
// a thread's function has the type that _beginthreadex calls, std:: qualified. Standard output is
// not buffered, as at the console that the book shows it at: where it is a pipe, a test would see
// nothing before the end. It is not drydock's style and is not meant to be. Nothing else may be put
// right here.

#include <winsock2.h>

#include <process.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int buffer_size = 100;
constexpr int name_size = 20;

char name[name_size] = "[DEFAULT]";
char message[buffer_size];

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

unsigned WINAPI send_messages(void* argument) {
    SOCKET sock = *((SOCKET*)argument);
    char name_and_message[name_size + buffer_size];
    while (true) {
        std::fgets(message, buffer_size, stdin);
        if (!std::strcmp(message, "q\n") || !std::strcmp(message, "Q\n")) {
            closesocket(sock);
            std::exit(0);
        }
        std::sprintf(name_and_message, "%s %s", name, message);
        send(sock, name_and_message, (int)std::strlen(name_and_message), 0);
    }
    return 0;
}

unsigned WINAPI receive_messages(void* argument) {
    SOCKET sock = *((SOCKET*)argument);
    char name_and_message[name_size + buffer_size];
    while (true) {
        int received = recv(sock, name_and_message, name_size + buffer_size - 1, 0);
        if (received == -1) {
            return (unsigned)-1;
        }
        name_and_message[received] = 0;
        std::fputs(name_and_message, stdout);
    }
    return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 4) {
        std::printf("Usage : %s <IP> <port> <name>\n", argv[0]);
        std::exit(1);
    }
    std::setvbuf(stdout, NULL, _IONBF, 0);  // not the book's; see above
    WSADATA wsa_data;
    if (WSAStartup(MAKEWORD(2, 2), &wsa_data) != 0) {
        die("WSAStartup() error");
    }
    std::sprintf(name, "[%s]", argv[3]);
    SOCKET sock = socket(PF_INET, SOCK_STREAM, 0);

    SOCKADDR_IN address;
    std::memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr(argv[1]);
    address.sin_port =
        htons((u_short)std::atoi(argv[2]));  // tidy: allow(banned-call) as in the book
    if (connect(sock, (SOCKADDR*)&address, sizeof(address)) == SOCKET_ERROR) {
        die("connect() error");
    }

    HANDLE sender = (HANDLE)_beginthreadex(NULL, 0, send_messages, (void*)&sock, 0, NULL);
    HANDLE receiver = (HANDLE)_beginthreadex(NULL, 0, receive_messages, (void*)&sock, 0, NULL);
    WaitForSingleObject(sender, INFINITE);
    WaitForSingleObject(receiver, INFINITE);
    closesocket(sock);
    WSACleanup();
    return 0;
}
