// The textbook's CmplRouEchoServ_win, for the benchmarks: drydock's servers are measured beside it,
// and what it does wrong can be seen beside what drydock's server on completion routines does.
//
// Kept faulty on purpose: what it does, and in which order it calls the system, is the book's. A
// client waits up to 100 ms to be accepted; what WSARecv and WSASend give is not looked at, so that
// a connection whose operation fails at once is kept for ever, with its memory; what comes is
// received into as much of the buffer as the message before had, so that a client whose first
// message has one byte is read a byte at a time; an error is taken for the end of the stream only
// because its byte count is 0; short sends are lost; it cannot be stopped.
// Mended, only to run as a 64-bit program: a socket is not squeezed through a DWORD, sizes, flags
// and the mode have the types that the functions want, misspelt names, string literals are const.
// Nothing else may be put right here.

#include <winsock2.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

constexpr int buffer_size = 1024;

struct IoData {
    SOCKET sock;
    char buffer[buffer_size];
    WSABUF wsa_buf;
};

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

void CALLBACK on_written(DWORD, DWORD, LPWSAOVERLAPPED overlapped, DWORD);

void CALLBACK on_read(DWORD, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD) {
    auto* io = (IoData*)overlapped->hEvent;
    SOCKET sock = io->sock;
    DWORD sent;
    if (bytes == 0) {
        closesocket(sock);
        std::free(overlapped->hEvent);
        std::free(overlapped);
        std::cout << "Client disconnected.....\n";
    } else {
        io->wsa_buf.len = bytes;
        WSASend(sock, &io->wsa_buf, 1, &sent, 0, overlapped, on_written);
    }
}

void CALLBACK on_written(DWORD, DWORD, LPWSAOVERLAPPED overlapped, DWORD) {
    auto* io = (IoData*)overlapped->hEvent;
    DWORD received;
    DWORD flags = 0;
    WSARecv(io->sock, &io->wsa_buf, 1, &received, &flags, overlapped, on_read);
}

SOCKET listen_at(u_short port) {
    SOCKET sock = WSASocket(PF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    u_long mode = 1;
    ioctlsocket(sock, FIONBIO, &mode);
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
    SOCKET listening = listen_at((u_short)std::atoi(argv[1]));
    SOCKADDR_IN address;
    int size = sizeof(address);
    while (true) {
        SleepEx(100, TRUE);
        SOCKET sock = accept(listening, (SOCKADDR*)&address, &size);
        if (sock == INVALID_SOCKET) {
            if (WSAGetLastError() == WSAEWOULDBLOCK) {
                continue;
            }
            die("accept() error");
        }
        std::cout << "Client connected....." << std::endl;

        void* memory = std::malloc(sizeof(WSAOVERLAPPED));
        auto* overlapped = (LPWSAOVERLAPPED)memory;
        std::memset(overlapped, 0, sizeof(WSAOVERLAPPED));
        auto* io = (IoData*)std::malloc(sizeof(IoData));
        io->sock = sock;
        io->wsa_buf.buf = io->buffer;
        io->wsa_buf.len = buffer_size;
        overlapped->hEvent = (HANDLE)io;
        DWORD received;
        DWORD flags = 0;
        WSARecv(sock, &io->wsa_buf, 1, &received, &flags, overlapped, on_read);
    }
}
