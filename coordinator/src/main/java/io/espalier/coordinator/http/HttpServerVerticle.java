package io.espalier.coordinator.http;

import io.espalier.coordinator.access.Authenticator;
import io.espalier.coordinator.access.Authenticators;
import io.espalier.coordinator.page.EventStreams;
import io.espalier.platform.trace.Tracing;
import io.espalier.protocol.request.InvalidRequestException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves every {@link Operation}, the static page, and errors in one shape. */
public final class HttpServerVerticle extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServerVerticle.class);
    private static final int NO_BROKER_SECONDS = 5;

    private final HttpConfig config;
    private final Tracing tracing;
    private final JobHandlers jobs;
    private final ReportHandler reports;
    private final DeadLetterHandlers deadLetters;
    private final ServiceHandlers service;
    private final EventStreams events;
    private final SessionHandler session;
    private HttpServer server;

    HttpServerVerticle(HttpConfig config, Tracing tracing, JobHandlers jobs, ReportHandler reports,
            DeadLetterHandlers deadLetters, ServiceHandlers service, EventStreams events) {
        this.config = config;
        this.tracing = tracing;
        this.jobs = jobs;
        this.reports = reports;
        this.deadLetters = deadLetters;
        this.service = service;
        this.events = events;
        this.session = new SessionHandler(config.tls().isOn());
    }

    @Override
    public Future<?> start() {
        var options = new HttpServerOptions().setHost(config.host()).setPort(config.port())
                .setCompressionSupported(true);
        return Authenticators.create(vertx, config.access()).compose(authenticator -> vertx
                .createHttpServer(config.tls().applyTo(options)).requestHandler(router(authenticator)).listen())
                .onSuccess(bound -> server = bound);
    }

    /** The port in use, also where any was asked for. */
    public int port() {
        return server.actualPort();
    }

    private Router router(Authenticator authenticator) {
        Router router = Router.router(vertx);
        router.route().handler(new Guard(config));
        for (Operation operation : Operation.values()) {
            if (RequestSpan.isFor(operation)) {
                router.route(operation.method(), operation.route()).handler(new RequestSpan(tracing, operation));
            }
            router.route(operation.method(), operation.route())
                    .handler(new Admission(authenticator, config.tls(), operation))
                    .handler(BodyHandler.create(false).setBodyLimit(config.maxBody())).handler(handler(operation));
        }
        for (Operation operation : Operation.values()) {
            router.route(operation.route()).handler(context -> refuseMethod(context, operation));
        }
        router.get().handler(StaticHandler.create("webroot"));
        router.route().handler(context -> {
            throw Problem.notFound("there is nothing at " + context.request().path());
        });
        router.route().failureHandler(HttpServerVerticle::fail);
        router.errorHandler(400, context -> Problem.badRequest("the path cannot be decoded").send(context.response()));
        return router;
    }

    private Handler<RoutingContext> handler(Operation operation) {
        return switch (operation) {
            case SUBMIT_JOB -> jobs::submit;
            case LIST_JOBS -> jobs::list;
            case GET_JOB -> jobs::get;
            case DELETE_JOB -> jobs::delete;
            case GET_REPORT -> context -> reports.get(context, jobs.job(context));
            case GET_SECTIONS -> context -> reports.sections(context, jobs.job(context));
            case COMPARE_JOBS -> context -> reports.compare(context, jobs.compared(context));
            case CANCEL_JOB -> jobs::cancel;
            case PAUSE_JOB -> jobs::pause;
            case RESUME_JOB -> jobs::resume;
            case RETRY_JOB -> jobs::retry;
            case FOLLOW_JOB -> context -> events.follow(context.response(), jobs.job(context).id());
            case FOLLOW_JOBS -> context -> {
                jobs.requireView();
                if (JobHandlers.wantsSummaries(context)) {
                    events.followSummaries(context.response());
                } else {
                    events.followAll(context.response());
                }
            };
            case LIST_DEAD_LETTERS -> deadLetters::list;
            case REPLAY_DEAD_LETTER -> deadLetters::replay;
            case GET_ABOUT -> service::about;
            case GET_CHARTS_STYLE -> service::chartsStyle;
            case OPEN_SESSION -> session::open;
            case CLOSE_SESSION -> session::close;
            case GET_OPENAPI -> service::openApi;
            case GET_REQUEST_SCHEMA -> service::requestSchema;
            case GET_METRICS -> service::metrics;
            case GET_LIVE -> service::live;
            case GET_READY -> service::ready;
        };
    }

    private static void refuseMethod(RoutingContext context, Operation operation) {
        String allowed = Arrays.stream(Operation.values()).filter(other -> other.path().equals(operation.path()))
                .map(other -> other.method().name()).collect(Collectors.joining(", "));
        context.response().putHeader(HttpHeaders.ALLOW, allowed);
        throw Problem.methodNotAllowed(context.request().method() + " is not among " + allowed);
    }

    /** The one place where failures become answers. */
    private static void fail(RoutingContext context) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        failure(context).send(context.response());
    }

    private static Problem.Failure failure(RoutingContext context) {
        return switch (context.failure()) {
            case Problem.Failure failure -> failure;
            case InvalidRequestException invalid -> Problem.invalid(invalid);
            case null -> ofStatus(context);
            case Throwable other -> {
                if (context.statusCode() >= 400 && context.statusCode() < 500) {
                    yield ofStatus(context);
                }
                if (other instanceof KafkaException) {
                    LOG.atWarn().addKeyValue("path", context.request().path()).addKeyValue("reason", other.getMessage())
                            .log("request failed: the broker does not answer");
                    yield Problem.unavailable("the broker does not answer", NO_BROKER_SECONDS);
                }
                if (other instanceof HttpClosedException) {
                    LOG.atDebug().addKeyValue("path", context.request().path()).log("the client has gone");
                    yield Problem.badRequest("the connection was closed before all was said");
                }
                LOG.atError().setCause(other).addKeyValue("path", context.request().path()).log("request failed");
                yield Problem.internal();
            }
        };
    }

    /** What Vert.x itself refused. */
    private static Problem.Failure ofStatus(RoutingContext context) {
        return switch (context.statusCode()) {
            case 404 -> Problem.notFound("there is nothing at " + context.request().path());
            case 413 -> Problem.tooLarge("send less");
            case 405 -> Problem.methodNotAllowed(context.request().method().name());
            default -> context.statusCode() >= 500
                    ? Problem.internal()
                    : Problem.badRequest("status " + context.statusCode());
        };
    }

    @Override
    public Future<?> stop() {
        events.close();
        return server == null ? Future.succeededFuture() : server.close();
    }
}
