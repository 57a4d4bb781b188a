package io.espalier.bench.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between a broker and its clients: hands bytes on, late if it is told to, or cuts every connection. */
final class SlowProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int BACKLOG = 100;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Duration delay = Duration.ZERO;

    /** @param target port on this machine */
    SlowProxy(int port, int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /** What each piece of data waits on its way. */
    void delay(Duration wait) {
        delay = wait;
    }

    void cut() {
        open.forEach(SlowProxy::close);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                join(server.accept());
            } catch (IOException e) {
                // closing, or a client that went at once
            }
        }
    }

    private void join(Socket client) {
        Thread.ofVirtual().start(() -> {
            open.add(client);
            try (client; var broker = new Socket()) {
                broker.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                open.add(broker);
                Thread back = Thread.ofVirtual().start(() -> pump(broker, client));
                pump(client, broker);
                back.join();
                open.remove(broker);
            } catch (IOException e) {
                // the broker is away: the client sees its connection go
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.remove(client);
            }
        });
    }

    /** Ends both directions when one ends. */
    private void pump(Socket from, Socket to) {
        var buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                Duration wait = delay;
                if (wait.isPositive()) {
                    Thread.sleep(wait);
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // one side has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
