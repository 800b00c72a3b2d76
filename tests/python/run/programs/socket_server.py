import socket
import socketserver
import threading


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline().upper())


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    pass


with Server(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever).start()
    for n in range(3):
        with socket.create_connection(server.server_address) as client:
            client.sendall(b"hello %d\n" % n)
            print(client.makefile().readline())
    server.shutdown()
