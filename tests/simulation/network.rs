//! The network and the server: what becomes of connections, frames, jobs and HTTP requests.

use wizitime::app::Input;
use wizitime::app::input::{PageEvent, SessionAnswer, SignInError};
use wizitime::effects::HttpCall;
use wizitime_domain::EpochId;
use wizitime_hub::{Job, JobError, JobResult};
use wizitime_protocol::phoenix::ConnId;
use wizitime_testkit::{Delivery, Driver as _, NetworkRequest, TabId, Target, sign_in_reply};

use crate::checks;
use crate::faults::Fault;
use crate::simulation::{Event, Link, World};

/// A tab asks something of the network.
pub(crate) fn request(world: &mut World, target: Target, request: NetworkRequest) {
    match request {
        NetworkRequest::Connect { conn, token } => connect(world, target, conn, token),
        NetworkRequest::Send { conn, text } => send(world, target, conn, text),
        NetworkRequest::Close { conn } => {
            if let Some(open) = world.tab(target.tab, target.life)
                && let Some(link) = open.link.take_if(|link| link.conn == conn)
            {
                world.driver.server.close(link.number);
            }
        }
        NetworkRequest::Http(call) => http(world, target.tab, call),
    }
}

fn is_reachable(world: &World, device: usize) -> bool {
    world.driver.server.is_up && world.devices[device].online
}

fn connect(world: &mut World, target: Target, conn: ConnId, token: String) {
    world.driver.last_link += 1;
    let link = Link { conn, number: world.driver.last_link };
    if let Some(open) = world.tab(target.tab, target.life) {
        open.link = Some(link);
    }
    let after_ms = 2 + world.driver.rng.below(80);
    if is_reachable(world, target.tab.device) {
        world.schedule(after_ms, Event::Connected { target, link, token });
    } else {
        world.input(target.tab, after_ms, Input::SocketClosed { conn, code: Some(1006) });
    }
}

/// A connection has reached the server.
pub(crate) fn connected(world: &mut World, target: Target, link: Link, token: &str) {
    if world.tab(target.tab, target.life).is_none_or(|open| open.link != Some(link)) {
        return;
    }
    let is_welcome =
        is_reachable(world, target.tab.device) && !world.driver.server.revoked.contains(token);
    let conn = link.conn;
    let input = if is_welcome {
        let user_id = world.driver.user_id;
        world.driver.server.accept(link.number, user_id, None);
        Input::SocketOpened { conn }
    } else {
        Input::SocketClosed { conn, code: Some(1006) }
    };
    world.feed(target.tab, target.life, input);
}

fn send(world: &mut World, target: Target, conn: ConnId, text: String) {
    let Some(open) = world.tab(target.tab, target.life) else { return };
    let Some(Link { number: link, .. }) = open.link.filter(|link| link.conn == conn) else {
        return;
    };
    if world.driver.occurs(Fault::Cut) {
        return cut(world, target.tab);
    }
    for after_ms in arrivals(world, link, true) {
        world.schedule(after_ms, Event::ToServer { link, text: text.clone() });
    }
}

/// When the copies of a frame arrive: usually one, a little later, in order.
fn arrivals(world: &mut World, link: u64, to_server: bool) -> Vec<u64> {
    let now_ms = world.now_ms;
    let driver = &mut world.driver;
    if driver.occurs(Fault::Drop) {
        return Vec::new();
    }
    let copies = if driver.occurs(Fault::Duplicate) { 2 } else { 1 };
    let mut arrivals = Vec::with_capacity(copies);
    for _ in 0..copies {
        let is_slow = driver.occurs(Fault::Delay);
        let mut after_ms = 1 + driver.rng.below(if is_slow { 8_000 } else { 60 });
        if !driver.occurs(Fault::Reorder) {
            let last = driver.arrivals.get(&(link, to_server)).copied().unwrap_or(0);
            after_ms = after_ms.max((last + 1).saturating_sub(now_ms));
            driver.arrivals.insert((link, to_server), now_ms + after_ms);
        }
        arrivals.push(after_ms);
    }
    arrivals
}

/// A frame reaches the server.
pub(crate) fn receive(world: &mut World, link: u64, text: String) {
    let now = world.wall();
    let driver = &mut world.driver;
    if !driver.server.is_connected(link) {
        return;
    }
    let text = if driver.have_faults_ended { text } else { driver.server.received_text(text) };
    driver.trace(world.now_ms, || format!("the server gets {text} on {link}"));
    let deliveries = driver.server.receive(link, &text, now);
    deliver(world, deliveries);
}

/// The storage is about to do a job: it fails, or the server crashes before it or after it, or it
/// succeeds.
pub(crate) fn job_done(world: &mut World, link: u64, job: Job) {
    if !world.driver.server.is_connected(link) {
        return;
    }
    let is_append = matches!(job, Job::Append(_));
    if is_append && world.driver.occurs(Fault::CrashBeforeCommit) {
        return crash_server(world);
    }
    let result = if world.driver.occurs(Fault::Unavailable) {
        JobResult::Failed(JobError::Unavailable)
    } else {
        let (user_id, now) = (world.driver.user_id, world.wall());
        world.driver.server.execute(user_id, job, now)
    };
    if is_append && world.driver.occurs(Fault::CrashAfterCommit) {
        return crash_server(world);
    }
    let now = world.wall();
    let deliveries = world.driver.server.finish(link, result, now);
    deliver(world, deliveries);
}

fn deliver(world: &mut World, deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        match delivery {
            Delivery::Frame { link, text } => send_to_client(world, link, text),
            Delivery::Broadcast { link, text } => {
                if !world.driver.occurs(Fault::LostBroadcast) {
                    send_to_client(world, link, text);
                }
            }
            Delivery::Job { link, job } => {
                let after_ms = world.driver.rng.below(15);
                world.schedule(after_ms, Event::JobDone { link, job: Box::new(job) });
            }
            Delivery::Close { link } => {
                world.driver.server.close(link);
                if let Some((target, _)) = client_of(world, link) {
                    cut(world, target.tab);
                }
            }
        }
    }
}

fn send_to_client(world: &mut World, link: u64, text: String) {
    let Some((target, link)) = client_of(world, link) else { return };
    if world.driver.occurs(Fault::Cut) {
        return cut(world, target.tab);
    }
    let text = world.driver.server.sent_text(text);
    for after_ms in arrivals(world, link.number, false) {
        world.schedule(after_ms, Event::ToClient { target, link, text: text.clone() });
    }
}

/// The client's end of a connection.
fn client_of(world: &World, number: u64) -> Option<(Target, Link)> {
    world.devices.iter().enumerate().find_map(|(device, it)| {
        it.open_tabs().find_map(|(tab, open)| {
            let link = open.link.filter(|link| link.number == number)?;
            Some((Target { tab: TabId::new(device, tab), life: open.life }, link))
        })
    })
}

/// The connection of a tab breaks. Its core learns of it now, or only by the missing heartbeat.
pub(crate) fn cut(world: &mut World, tab: TabId) {
    let Some(open) = &world.devices[tab.device].tabs[tab.tab] else { return };
    let Some(Link { conn, number }) = open.link else { return };
    world.driver.server.close(number);
    if !world.driver.occurs(Fault::Silent) {
        let after_ms = world.driver.rng.below(500);
        world.input(tab, after_ms, Input::SocketClosed { conn, code: Some(1006) });
    }
}

/// The network of a device goes or comes back.
pub(crate) fn set_online(world: &mut World, device: usize, is_online: bool) {
    let is_same = is_online && world.devices[device].online;
    if is_same || world.driver.have_faults_ended && !is_online {
        return;
    }
    world.driver.trace(world.now_ms, || format!("device {device} online: {is_online}"));
    world.devices[device].online = is_online;
    for tab in (0..world.devices[device].tabs.len()).map(|tab| TabId::new(device, tab)) {
        if !is_online {
            cut(world, tab);
        }
        let event = if is_online { PageEvent::Online } else { PageEvent::Offline };
        world.input(tab, 1, Input::Page(event));
    }
    if !is_online {
        let after_ms = world.driver.rng.below(180_000);
        world.schedule(after_ms, Event::Network { device, is_online: true });
    }
}

/// The server's process crashes and is started again.
fn crash_server(world: &mut World) {
    world.driver.trace(world.now_ms, || "the server crashes".to_owned());
    world.driver.server.is_up = false;
    world.driver.server.close_all();
    for tab in world.tab_ids() {
        cut(world, tab);
    }
    let after_ms = 100 + world.driver.rng.below(20_000);
    world.schedule(after_ms, Event::ServerUp);
}

/// The server starts anew on its backup, under a new epoch.
pub(crate) fn restore_server(world: &mut World) {
    let now = world.wall();
    let driver = &mut world.driver;
    let epoch = EpochId::from_bytes(driver.rng.uuid_v7(now));
    if driver.server.restore(driver.user_id, epoch) {
        driver.trace(world.now_ms, || "the server is restored from its backup".to_owned());
        crash_server(world);
        checks::forget_without_copy(world);
    }
}

fn http(world: &mut World, tab: TabId, call: HttpCall) {
    let is_reachable = is_reachable(world, tab.device);
    let after_ms = 5 + world.driver.rng.below(100);
    let input = match call {
        HttpCall::SignIn { .. } if is_reachable => {
            Input::SignInAnswered(Ok(sign_in_reply(world.driver.new_session())))
        }
        HttpCall::SignIn { .. } => Input::SignInAnswered(Err(SignInError::Unreachable)),
        HttpCall::Session { token } if is_reachable => {
            Input::SessionAnswered(match world.driver.server.revoked.contains(&token.0) {
                true => SessionAnswer::Revoked { token },
                false => SessionAnswer::Valid,
            })
        }
        HttpCall::Session { .. } => Input::SessionAnswered(SessionAnswer::Unreachable),
        HttpCall::SignOut { token } => {
            if is_reachable {
                world.driver.server.revoked.insert(token.0);
            }
            return;
        }
    };
    world.input(tab, after_ms, input);
}
