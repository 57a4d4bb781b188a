package io.espalier.artifacts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * As much of S3's wire protocol as the store uses, path style, in memory: objects with conditional writes, copies,
 * listings, ranges and multipart uploads; bodies may be chunked and carry SHA-256 checksums, which are verified. Signatures are
 * required but not verified. The bucket {@code nowhere} does not exist, {@code locked} may not be read.
 */
public final class LoopbackS3 implements AutoCloseable {
    record Stored(byte[] bytes, Instant modified) {}

    final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();
    final AtomicInteger parts = new AtomicInteger();
    /** Checksums kept of objects, where they are not those of the bytes. */
    final Map<String, String> checksums = new HashMap<>();
    /** GETs of objects. */
    final AtomicInteger reads = new AtomicInteger();
    /** Bytes after which the next answers break off, one each. */
    final Queue<Integer> breaks = new ConcurrentLinkedQueue<>();
    /** Runs before a GET is answered. */
    volatile Runnable beforeRead = () -> {};
    private final Map<String, TreeMap<Integer, byte[]>> uploads = new HashMap<>();
    private final HttpServer server;

    /** Those that a client of this JVM finds by the standard chain. */
    static void giveCredentials() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    public LoopbackS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private synchronized void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                error(exchange, 403, "AccessDenied");
                return;
            }
            Map<String, String> query = query(exchange.getRequestURI());
            String path = exchange.getRequestURI().getPath().substring(1);
            if (path.startsWith("nowhere")) {
                error(exchange, 404, "NoSuchBucket");
                return;
            }
            if (path.startsWith("locked")) {
                error(exchange, 403, "AccessDenied");
                return;
            }
            int slash = path.indexOf('/');
            String key = slash < 0 ? "" : path.substring(slash + 1);
            switch (exchange.getRequestMethod()) {
                case "GET" -> get(exchange, key, query);
                case "HEAD" -> head(exchange, key);
                case "PUT" -> put(exchange, key, query);
                case "POST" -> post(exchange, key, query);
                case "DELETE" -> {
                    objects.remove(key);
                    exchange.sendResponseHeaders(204, -1);
                }
                default -> error(exchange, 405, "MethodNotAllowed");
            }
        }
    }

    private void get(HttpExchange exchange, String key, Map<String, String> query) throws IOException {
        if (key.isEmpty()) {
            list(exchange, query);
            return;
        }
        beforeRead.run();
        reads.incrementAndGet();
        Stored stored = objects.get(key);
        if (stored == null) {
            error(exchange, 404, "NoSuchKey");
        } else if (isOther(exchange, stored)) {
            error(exchange, 412, "PreconditionFailed");
        } else {
            exchange.getResponseHeaders().set("ETag", eTag(stored));
            content(exchange, stored.bytes());
        }
    }

    /** As much as the Range header asks for; maybe less than announced. */
    private void content(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        byte[] body = bytes;
        if (range != null) {
            String[] ends = range.substring("bytes=".length()).split("-");
            body = Arrays.copyOfRange(bytes, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]) + 1);
            exchange.getResponseHeaders().set("Content-Range", "bytes " + ends[0] + "-" + ends[1] + "/" + bytes.length);
        }
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.sendResponseHeaders(range == null ? 200 : 206, body.length == 0 ? -1 : body.length);
        Integer breaksAfter = breaks.poll();
        exchange.getResponseBody().write(body, 0, breaksAfter == null ? body.length : breaksAfter);
    }

    private static boolean isOther(HttpExchange exchange, Stored stored) {
        String wanted = exchange.getRequestHeaders().getFirst("If-Match");
        return wanted != null && !wanted.equals(eTag(stored));
    }

    private static String eTag(Stored stored) {
        return "\"" + Sha256.of(stored.bytes()).substring(0, 32) + "\"";
    }

    private void head(HttpExchange exchange, String key) throws IOException {
        Stored stored = objects.get(key);
        if (stored == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        if (isOther(exchange, stored)) {
            exchange.sendResponseHeaders(412, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", eTag(stored));
        if ("ENABLED".equals(exchange.getRequestHeaders().getFirst("x-amz-checksum-mode"))) {
            exchange.getResponseHeaders().set("x-amz-checksum-sha256", checksums.getOrDefault(key,
                    Base64.getEncoder().encodeToString(HexFormat.of().parseHex(Sha256.of(stored.bytes())))));
        }
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(stored.bytes().length));
        exchange.getResponseHeaders().set("Last-Modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(stored.modified().atOffset(ZoneOffset.UTC)));
        exchange.sendResponseHeaders(200, -1);
    }

    private void put(HttpExchange exchange, String key, Map<String, String> query) throws IOException {
        String source = exchange.getRequestHeaders().getFirst("x-amz-copy-source");
        if (source != null) {
            copy(exchange, key, URLDecoder.decode(source, UTF_8).replaceFirst("^/?[^/]+/", ""));
            return;
        }
        byte[] body = body(exchange);
        if (body == null) {
            error(exchange, 400, "BadDigest");
        } else if (query.containsKey("uploadId")) {
            uploads.get(query.get("uploadId")).put(Integer.parseInt(query.get("partNumber")), body);
            parts.incrementAndGet();
            exchange.getResponseHeaders().set("ETag", "\"part\"");
            exchange.sendResponseHeaders(200, -1);
        } else if ("*".equals(exchange.getRequestHeaders().getFirst("If-None-Match")) && objects.containsKey(key)) {
            error(exchange, 412, "PreconditionFailed");
        } else {
            store(key, body);
            exchange.getResponseHeaders().set("ETag", "\"whole\"");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private void copy(HttpExchange exchange, String key, String source) throws IOException {
        Stored stored = objects.get(source);
        if (stored == null) {
            error(exchange, 404, "NoSuchKey");
            return;
        }
        store(key, stored.bytes());
        answer(exchange, 200, "application/xml", "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>".getBytes(
                UTF_8));
    }

    private void post(HttpExchange exchange, String key, Map<String, String> query) throws IOException {
        exchange.getRequestBody().readAllBytes();
        if (query.containsKey("uploads")) {
            String id = "upload-" + uploads.size();
            uploads.put(id, new TreeMap<>());
            answer(exchange, 200, "application/xml", ("<InitiateMultipartUploadResult><UploadId>" + id
                    + "</UploadId></InitiateMultipartUploadResult>").getBytes(UTF_8));
        } else {
            var whole = new ByteArrayOutputStream();
            uploads.remove(query.get("uploadId")).values().forEach(whole::writeBytes);
            store(key, whole.toByteArray());
            answer(exchange, 200, "application/xml",
                    "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>"
                            .getBytes(UTF_8));
        }
    }

    /** Two objects a page, so that paging is needed. */
    private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
        String prefix = query.getOrDefault("prefix", "");
        boolean here = query.containsKey("delimiter");
        var page = objects.tailMap(query.getOrDefault("continuation-token", ""), false).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .filter(entry -> !here || entry.getKey().indexOf('/', prefix.length()) < 0).limit(3).toList();
        var xml = new StringBuilder("<ListBucketResult><IsTruncated>" + (page.size() > 2) + "</IsTruncated>");
        page.stream().limit(2).forEach(entry -> xml.append("<Contents><Key>").append(entry.getKey())
                .append("</Key><Size>").append(entry.getValue().bytes().length).append("</Size><ETag>")
                .append(eTag(entry.getValue()).replace("\"", "&quot;")).append("</ETag><LastModified>")
                .append(entry.getValue().modified()).append("</LastModified></Contents>"));
        if (page.size() > 2) {
            xml.append("<NextContinuationToken>").append(page.get(1).getKey()).append("</NextContinuationToken>");
        }
        answer(exchange, 200, "application/xml", xml.append("</ListBucketResult>").toString().getBytes(UTF_8));
    }

    public void store(String key, byte[] bytes) {
        objects.put(key, new Stored(bytes, Instant.now().truncatedTo(ChronoUnit.SECONDS)));
    }

    /** The body without its chunks, or null if it has not the checksum it claims. */
    private static byte[] body(HttpExchange exchange) throws IOException {
        InputStream in = exchange.getRequestBody();
        String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
        if (encoding == null || !encoding.contains("aws-chunked")) {
            byte[] body = in.readAllBytes();
            return matches(body, exchange.getRequestHeaders().getFirst("x-amz-checksum-sha256")) ? body : null;
        }
        var body = new ByteArrayOutputStream();
        for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
            body.writeBytes(in.readNBytes(size));
            line(in);
        }
        String checksum = null;
        for (String trailer = line(in); !trailer.isEmpty(); trailer = line(in)) {
            if (trailer.startsWith("x-amz-checksum-sha256:")) {
                checksum = trailer.substring(trailer.indexOf(':') + 1);
            }
        }
        return matches(body.toByteArray(), checksum) ? body.toByteArray() : null;
    }

    private static boolean matches(byte[] body, String checksum) throws IOException {
        try {
            return checksum == null || MessageDigest.isEqual(Base64.getDecoder().decode(checksum),
                    MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private static int chunkSize(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";")[0], 16);
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(UTF_8).strip();
    }

    private static Map<String, String> query(URI uri) {
        var query = new HashMap<String, String>();
        if (uri.getRawQuery() != null) {
            for (String each : uri.getRawQuery().split("&")) {
                String[] parts = each.split("=", 2);
                query.put(parts[0], parts.length > 1 ? URLDecoder.decode(parts[1], UTF_8) : "");
            }
        }
        return query;
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        answer(exchange, status, "application/xml",
                ("<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>").getBytes(UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
