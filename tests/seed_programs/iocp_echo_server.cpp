// The textbook's IOCPEchoServ_win, for interoperability tests: drydock's clients must work with it,
// and what it does wrong can be seen beside what drydock's server does.
//
// Kept faulty on purpose: what it does, and in which order it calls the system, is the book's. What
// GetQueuedCompletionStatus, accept, WSARecv and WSASend give is not looked at; the connection's
// record is freed while a send may be in flight, and its socket closed; receives go on with a new
// buffer each before the send has finished, without limit; short sends are lost; it cannot be
// stopped.
// Mended, only to run as a 64-bit program: the completion key holds a whole pointer, sizes and
// flags have the types that the functions want, misspelt names, string literals are const, a
// thread's function has the type that _beginthreadex calls. Nothing else may be put right here.

#include <winsock2.h>

#include <process.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

constexpr int buffer_size = 100;
enum Mode { reading = 3, writing = 5 };

struct HandleData {
    SOCKET sock;
    SOCKADDR_IN address;
};

struct IoData {
    OVERLAPPED overlapped;
    WSABUF wsa_buf;
    char buffer[buffer_size];
    int mode;
};

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

IoData* new_read() {
    auto* io = (IoData*)std::malloc(sizeof(IoData));  // tidy: allow(banned-call) as in the book
    std::memset(&io->overlapped, 0, sizeof(OVERLAPPED));
    io->wsa_buf.len = buffer_size;
    io->wsa_buf.buf = io->buffer;
    io->mode = reading;
    return io;
}

unsigned WINAPI serve(void* argument) {
    HANDLE port = argument;
    DWORD flags = 0;
    while (true) {
        DWORD bytes;
        HandleData* handle;
        IoData* io;
        GetQueuedCompletionStatus(port, &bytes, (PULONG_PTR)&handle, (LPOVERLAPPED*)&io, INFINITE);
        SOCKET sock = handle->sock;
        if (io->mode != reading) {
            std::cout << "message sent!\n";
            std::free(io);  // tidy: allow(banned-call) as in the book
            continue;
        }
        std::cout << "message received!\n";
        if (bytes == 0) {
            closesocket(sock);
            std::free(handle);  // tidy: allow(banned-call) as in the book
            std::free(io);      // tidy: allow(banned-call) as in the book
            continue;
        }
        std::memset(&io->overlapped, 0, sizeof(OVERLAPPED));
        io->wsa_buf.len = bytes;
        io->mode = writing;
        WSASend(sock, &io->wsa_buf, 1, NULL, 0, &io->overlapped, NULL);

        io = new_read();
        WSARecv(sock, &io->wsa_buf, 1, NULL, &flags, &io->overlapped, NULL);
    }
    return 0;
}

SOCKET listen_at(u_short port) {
    SOCKET sock = WSASocket(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    SOCKADDR_IN address;
    std::memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(port);
    if (bind(sock, (SOCKADDR*)&address, sizeof(address)) == SOCKET_ERROR) {
        die("bind() error");
    }
    if (listen(sock, 5) == SOCKET_ERROR) {
        die("listen() error");
    }
    return sock;
}

}  // namespace

int main(int argc, char* argv[]) {
    if (argc != 2) {
        std::cout << "Usage : " << argv[0] << " <port>\n";
        std::exit(1);
    }
    WSADATA wsa_data;
    if (WSAStartup(MAKEWORD(2, 2), &wsa_data) != 0) {
        die("WSAStartup() error");
    }
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    for (DWORD i = 0; i < system.dwNumberOfProcessors; i++) {
        _beginthreadex(NULL, 0, serve, port, 0, NULL);
    }
    SOCKET listening =
        listen_at((u_short)std::atoi(argv[1]));  // tidy: allow(banned-call) the book's
    while (true) {
        SOCKADDR_IN address;
        int size = sizeof(address);
        SOCKET sock = accept(listening, (SOCKADDR*)&address, &size);
        void* memory = std::malloc(sizeof(HandleData));  // tidy: allow(banned-call) as in the book
        auto* handle = (HandleData*)memory;
        handle->sock = sock;
        std::memcpy(&handle->address, &address, (size_t)size);
        CreateIoCompletionPort((HANDLE)sock, port, (ULONG_PTR)handle, 0);

        DWORD received;
        DWORD flags = 0;
        IoData* io = new_read();
        WSARecv(handle->sock, &io->wsa_buf, 1, &received, &flags, &io->overlapped, NULL);
    }
}
