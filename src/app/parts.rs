//! The parts that run beside each other. One that ends although nobody told it to would leave a service that looks alive
//! and does nothing: then the whole service ends, and whoever runs it starts it again.

use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Running parts that stop at the same word.
pub(super) struct Parts {
    running: Vec<(&'static str, JoinHandle<()>)>,
    stop: watch::Receiver<bool>,
    ended: watch::Sender<Option<&'static str>>,
}

impl Parts {
    /// Parts that stop when `stop` says so, and say in `ended` when one of them ends before.
    pub(super) fn new(
        stop: watch::Receiver<bool>,
        ended: watch::Sender<Option<&'static str>>,
    ) -> Self {
        Self {
            running: Vec::new(),
            stop,
            ended,
        }
    }

    /// Starts one.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        part: impl Future<Output = ()> + Send + 'static,
    ) {
        let end = End {
            name,
            stop: self.stop.clone(),
            ended: self.ended.clone(),
        };
        let part = tokio::spawn(async move {
            let _end = end;
            part.await;
        });
        self.running.push((name, part));
    }

    /// Waits for all, each at most until the deadline.
    pub(super) async fn stopped<Deadline: Future<Output = ()>>(
        self,
        deadline: impl Fn() -> Deadline,
    ) {
        for (name, mut part) in self.running {
            tokio::select! {
                result = &mut part => {
                    if let Err(error) = result {
                        tracing::error!(part = name, %error, "a part ended badly");
                    }
                }
                () = deadline() => {
                    part.abort();
                    tracing::warn!(
                        part = name,
                        "a part was still busy at the deadline; its work is found again at the next start"
                    );
                }
            }
        }
    }
}

/// Dropped when its part ends, in whatever way.
struct End {
    name: &'static str,
    stop: watch::Receiver<bool>,
    ended: watch::Sender<Option<&'static str>>,
}

impl Drop for End {
    fn drop(&mut self) {
        if !*self.stop.borrow() {
            self.ended.send_replace(Some(self.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_is_noticed() {
        let (_stop, stopping) = watch::channel(false);
        let (ended, mut news) = watch::channel(None);
        let mut parts = Parts::new(stopping, ended);
        parts.start("worker", async { panic!("on purpose") });
        let name = *news
            .wait_for(Option::is_some)
            .await
            .expect("the parts hold the sender");
        assert_eq!(name, Some("worker"));
    }

    #[tokio::test]
    async fn a_part_that_was_told_to_end_is_no_news() {
        let (stop, mut stopping) = watch::channel(false);
        let (ended, news) = watch::channel(None);
        let mut parts = Parts::new(stopping.clone(), ended);
        parts.start("worker", async move {
            let _ = stopping.changed().await;
        });
        stop.send_replace(true);
        parts.stopped(std::future::pending).await;
        assert_eq!(*news.borrow(), None);
    }
}
