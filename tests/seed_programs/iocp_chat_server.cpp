// The textbook's IOCPchatserv_win, for the benchmarks: drydock's chat server is measured beside it,
// and what it does wrong can be seen beside what drydock's does.
//
// Kept faulty on purpose: what it does, and in which order it calls the system, is the book's. The
// accepting thread and all workers use the list of members with no lock; the 257th writes past it;
// who leaves stays in it, closed, and a neighbour is removed instead, so that lines go missing, or,
// once the handle is used again, go to somebody else; one element past its end is read. Sends block
// a worker, so that a few members who do not read stop the server; those of two workers to one
// member may mix, and a line over 100 bytes is relayed in pieces. A member whose send fails is
// never removed. What GetQueuedCompletionStatus, accept, WSARecv and send give is not looked at; it
// cannot be stopped.
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
constexpr int most_clients = 256;

struct HandleData {
    SOCKET sock;
    SOCKADDR_IN address;
};

struct IoData {
    OVERLAPPED overlapped;
    WSABUF wsa_buf;
    char buffer[buffer_size];
};

int client_count = 0;
SOCKET clients[most_clients];

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

void remove_client(SOCKET sock) {
    for (int i = 0; i < client_count; i++) {
        if (sock == clients[i]) {
            while (i++ < client_count - 1) {
                clients[i] = clients[i + 1];
            }
        }
    }
    client_count--;
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
        std::cout << "message received!\n";
        if (bytes == 0) {
            remove_client(sock);
            closesocket(sock);
            std::free(handle);
            std::free(io);
            continue;
        }
        for (int i = 0; i < client_count; i++) {
            send(clients[i], io->buffer, (int)bytes, 0);
        }
        std::memset(&io->overlapped, 0, sizeof(OVERLAPPED));
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
    SOCKET listening = listen_at((u_short)std::atoi(argv[1]));
    while (true) {
        SOCKADDR_IN address;
        int size = sizeof(address);
        SOCKET sock = accept(listening, (SOCKADDR*)&address, &size);
        void* memory = std::malloc(sizeof(HandleData));
        auto* handle = (HandleData*)memory;
        handle->sock = sock;
        std::memcpy(&handle->address, &address, (size_t)size);
        clients[client_count++] = sock;
        CreateIoCompletionPort((HANDLE)sock, port, (ULONG_PTR)handle, 0);

        DWORD received;
        DWORD flags = 0;
        auto* io = (IoData*)std::malloc(sizeof(IoData));
        std::memset(&io->overlapped, 0, sizeof(OVERLAPPED));
        io->wsa_buf.len = buffer_size;
        io->wsa_buf.buf = io->buffer;
        WSARecv(handle->sock, &io->wsa_buf, 1, &received, &flags, &io->overlapped, NULL);
    }
}
