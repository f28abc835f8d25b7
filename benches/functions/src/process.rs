//! A function's process, and the Lambda Runtime API that it polls.

use std::{
    env, fs,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use sandbox::Surroundings;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::timeout,
};

use crate::{artifacts::Subject, report::megabytes};

/// Time an invocation has, as the template gives it to the one that takes longest.
const TIMEOUT: Duration = Duration::from_mins(5);

/// A running function. Its process is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    started: Instant,
    events: mpsc::Sender<Bytes>,
    reports: mpsc::Receiver<Report>,
    _server: JoinSet<()>,
}

/// Result of an invocation, as the process posted it.
enum Report {
    Answer(Bytes),
    Error(Bytes),
}

/// State of the Runtime API of one process.
struct RuntimeApi {
    events: Mutex<mpsc::Receiver<Bytes>>,
    reports: mpsc::Sender<Report>,
    served: AtomicUsize,
}

impl Process {
    /// Starts a process with the environment that the template gives the function.
    pub(crate) async fn start(
        subject: &Subject,
        surroundings: &Surroundings,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (events, queued) = mpsc::channel(1);
        let (reporter, reports) = mpsc::channel(1);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, RuntimeApi::new(queued, reporter)));
        let mut command = command(subject, surroundings);
        command.env("AWS_LAMBDA_RUNTIME_API", address.to_string());
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", subject.name))?;
        Ok(Self { child, started, events, reports, _server: server })
    }

    /// Time since the process was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Hands over an event and waits until it is answered.
    pub(crate) async fn invoke(&mut self, event: Bytes) -> anyhow::Result<Bytes> {
        self.events.send(event).await?;
        let report = tokio::select! {
            report = timeout(TIMEOUT, self.reports.recv()) => report?,
            exit = self.child.wait() => bail!("the process has ended: {}", exit?),
        };
        match report.context("the Runtime API has ended")? {
            Report::Answer(answer) => Ok(answer),
            Report::Error(error) => bail!("error: {}", String::from_utf8_lossy(&error)),
        }
    }

    /// Time on a processor, of all living threads.
    pub(crate) fn cpu_time(&self) -> anyhow::Result<Duration> {
        cpu_time(&self.id()?.to_string())
    }

    /// Most memory that was resident so far.
    pub(crate) fn peak_memory_mb(&self) -> anyhow::Result<f64> {
        peak_memory_mb(&self.id()?.to_string())
    }

    /// Kills the process and waits until it is gone: what it leaves must not disturb the next one.
    pub(crate) async fn end(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("the process has ended")
    }
}

/// Time on a processor, of all living threads of a process. Finer than `utime` and `stime`, which
/// count hundredths of a second.
pub(crate) fn cpu_time(process: &str) -> anyhow::Result<Duration> {
    let mut total = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may have ended since.
        let Ok(statistics) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let on_processor_ns = statistics.split(' ').next().unwrap_or_default();
        total += Duration::from_nanos(on_processor_ns.parse()?);
    }
    Ok(total)
}

/// Most memory of a process that was resident so far.
pub(crate) fn peak_memory_mb(process: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib = peak.and_then(|line| line.trim().strip_suffix(" kB"));
    let peak_kib: u64 = peak_kib.context("the kernel does not report VmHWM")?.parse()?;
    Ok(megabytes(peak_kib * 1024))
}

fn command(subject: &Subject, surroundings: &Surroundings) -> Command {
    let program = if subject.runtime.is_some() { Path::new("node") } else { &subject.artifact };
    let mut command = Command::new(program);
    command
        .args(&subject.runtime)
        .env_clear()
        // The SDK for Node warns of versions that will not be supported.
        .env("NODE_NO_WARNINGS", "1")
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("_HANDLER", &subject.artifact)
        .env("AWS_LAMBDA_FUNCTION_NAME", subject.function.name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .envs(&surroundings.environments[subject.function.name])
        // A peer makes other calls than the role of the function allows.
        .envs(subject.runtime.iter().flat_map(|_| surroundings.aws.environment()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    command
}

impl RuntimeApi {
    fn new(events: mpsc::Receiver<Bytes>, reports: mpsc::Sender<Report>) -> Arc<Self> {
        Arc::new(Self { events: Mutex::new(events), reports, served: AtomicUsize::new(0) })
    }

    async fn report(&self, report: Report) -> StatusCode {
        match self.reports.send(report).await {
            Ok(()) => StatusCode::ACCEPTED,
            Err(_) => StatusCode::GONE,
        }
    }
}

async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    const RUNTIME: &str = "/2018-06-01/runtime";
    let router = Router::new()
        .route(&format!("{RUNTIME}/invocation/next"), get(next))
        .route(&format!("{RUNTIME}/invocation/{{id}}/response"), post(answer))
        .route(&format!("{RUNTIME}/invocation/{{id}}/error"), post(error))
        .route(&format!("{RUNTIME}/init/error"), post(error))
        .with_state(api);
    // Small messages go back and forth: with the delay each would wait for an ACK.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    // It ends with the process that it serves.
    axum::serve(listener, router).await.ok();
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Result<Response, StatusCode> {
    let event = api.events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let id = api.served.fetch_add(1, Ordering::Relaxed);
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH).unwrap_or_default();
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:bench";
    let headers = [
        ("lambda-runtime-aws-request-id", id.to_string()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", arn.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    Ok((headers, event).into_response())
}

async fn answer(State(api): State<Arc<RuntimeApi>>, body: Bytes) -> StatusCode {
    api.report(Report::Answer(body)).await
}

async fn error(State(api): State<Arc<RuntimeApi>>, body: Bytes) -> StatusCode {
    api.report(Report::Error(body)).await
}

/// Checks that the function did its work: the time of a refusal says nothing.
pub(crate) fn check(answer: &[u8]) -> anyhow::Result<()> {
    let answer: Value = serde_json::from_slice(answer)?;
    let status = answer["statusCode"].as_u64();
    ensure!(status.is_none_or(|status| (200..300).contains(&status)), "{answer}");
    let failures = answer["batchItemFailures"].as_array();
    ensure!(failures.is_none_or(Vec::is_empty), "{answer}");
    Ok(())
}
