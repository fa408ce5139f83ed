// The textbook's StableEchoClnt_win, for interoperability tests: drydock's servers must serve it.
//
// Kept faulty on purpose: what it does, and in which order it calls the system, is the book's. recv
// may write past the buffer once part of an answer is there; recv's 0 and -1 are not looked at; an
// empty line waits for ever; a failed std::cin loops; a short send loses the rest.
// Mended, only to compile: string literals are const, headers that were missing, std:: qualified.
// It is not drydock's style and is not meant to be. Nothing else may be put right here.

#include <winsock2.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

constexpr int buffer_size = 1024;

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 3) {
        std::cout << "Usage : " << argv[0] << " <IP> <port>\n";
        std::exit(1);
    }
    WSADATA wsa_data;
    if (WSAStartup(MAKEWORD(2, 2), &wsa_data) != 0) {
        die("WSAStartup() error");
    }
    SOCKET sock = socket(PF_INET, SOCK_STREAM, 0);
    if (sock == INVALID_SOCKET) {
        die("socket() error");
    }

    SOCKADDR_IN address;
    std::memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr(argv[1]);
    address.sin_port =
        htons((u_short)std::atoi(argv[2]));  // tidy: allow(banned-call) as in the book
    if (connect(sock, (SOCKADDR*)&address, sizeof(address)) == SOCKET_ERROR) {
        die("connect() error");
    }
    std::cout << "Connected.................\n";

    char message[buffer_size];
    while (true) {
        std::cout << "Input message(Q to quit) : ";
        std::cin.getline(message, buffer_size);
        if (!std::strcmp(message, "q") || !std::strcmp(message, "Q")) {
            break;
        }

        int length = (int)std::strlen(message);
        send(sock, message, length, 0);
        int received = 0;
        do {
            received += recv(sock, &message[received], buffer_size - 1, 0);
        } while (received < length);
        message[length] = 0;
        std::cout << "Message from server : " << message << '\n' << std::flush;
    }
    closesocket(sock);
    WSACleanup();
    return 0;
}
