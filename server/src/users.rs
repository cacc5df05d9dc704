//! Administration of accounts by commands, also beside running servers. PostgreSQL notifies the
//! servers at once; the server of an SQLite file notices within a second.

mod command;
mod error;
mod list;

use std::io::BufRead;

use wizitime_domain::{DurationMs, EpochId, Timestamp, UserId};

use crate::audit::{self, AuditEvent, AuditSubject};
use crate::auth::{
    Email, INVITATION_LIFE_MS, PASSWORD_BYTES_MAX, PASSWORD_LINK_LIFE_MS, PasswordCost,
    PasswordText, Passwords, Token,
};
use crate::clock;
use crate::config::{Config, PublicUrl, Registration};
use crate::mail::{self, Mail, Mailer};
use crate::random::IdGenerator;
use crate::storage::{NewInvitation, NewPasswordLink, NewUser, Storage, TwoStepChange, User};
pub use command::UserCommand;
use error::LinkReport;
pub use error::UserError;

/// The largest line with a password that is read, in bytes.
const INPUT_BYTES_MAX: u64 = PASSWORD_BYTES_MAX as u64 + 2;

/// Runs a command and returns its report. `input` has the password of `add --password-stdin` in
/// its first line.
///
/// # Errors
/// If the database is unavailable, or the command cannot be applied to the account. Then nothing
/// is changed.
pub async fn run(
    command: &UserCommand,
    config: &Config,
    cost: PasswordCost,
    input: impl BufRead,
) -> Result<String, UserError> {
    let password = match command {
        UserCommand::Add { has_password: true, email } => Some(read_password(input, email)?),
        UserCommand::Add { has_password: false, .. }
        | UserCommand::List
        | UserCommand::Invite { .. }
        | UserCommand::ResetPassword { .. }
        | UserCommand::Disable(_)
        | UserCommand::Enable(_)
        | UserCommand::DisableTwoStep(_)
        | UserCommand::Delete(_) => None,
    };
    // Before anything is changed.
    let mailer = command.is_by_mail().then(|| mailer(config)).transpose()?;
    let ids = IdGenerator::from_os().map_err(UserError::Random)?;
    let epoch = EpochId::from_bytes(ids.uuid_v7(clock::now()));
    let storage = Storage::open_beside(&config.database, epoch).await?;
    let administration =
        Administration { storage: &storage, config, cost, ids: &ids, now: clock::now(), mailer };
    let report = administration.run(command, password).await;
    storage.close().await;
    report
}

fn mailer(config: &Config) -> Result<Mailer, UserError> {
    let mail = config.mail.as_ref().ok_or(UserError::MailOff)?;
    Mailer::new(mail, &config.public_url).map_err(UserError::Mail)
}

struct Administration<'a> {
    storage: &'a Storage,
    config: &'a Config,
    cost: PasswordCost,
    ids: &'a IdGenerator,
    now: Timestamp,
    /// None if links are printed only.
    mailer: Option<Mailer>,
}

impl Administration<'_> {
    async fn run(
        &self,
        command: &UserCommand,
        password: Option<PasswordText>,
    ) -> Result<String, UserError> {
        match command {
            UserCommand::Add { email, .. } => self.add(email, password).await,
            UserCommand::List => Ok(list::table(&self.storage.users(self.now).await?)),
            UserCommand::Invite { email, .. } => self.invite(email).await,
            UserCommand::ResetPassword { email, .. } => {
                let user = self.find(email).await?;
                let link = self.password_link(user.user_id).await?;
                self.audit(AuditEvent::PasswordLinkCreated, Some(user.user_id)).await;
                let mail = mail::new_password(&user.email, &link);
                let use_of_it = "sets another password, once and within a day; then all sessions \
                                 end";
                self.deliver(email, use_of_it, &link, mail).await
            }
            UserCommand::Disable(email) => {
                let user = self.find(email).await?;
                let ended = self.storage.set_disabled_at(user.user_id, Some(self.now)).await?;
                self.audit(AuditEvent::AccountDisabled, Some(user.user_id)).await;
                Ok(format!("{email} was disabled; {} sessions ended.\n", ended.len()))
            }
            UserCommand::Enable(email) => {
                let user = self.find(email).await?;
                self.storage.set_disabled_at(user.user_id, None).await?;
                self.audit(AuditEvent::AccountEnabled, Some(user.user_id)).await;
                Ok(format!("{email} can sign in again.\n"))
            }
            UserCommand::DisableTwoStep(email) => {
                let user = self.find(email).await?;
                let change = TwoStepChange::Remove;
                if !self.storage.change_two_step(user.user_id, change).await? {
                    return Ok(format!("Two-step sign-in of {email} is off already.\n"));
                }
                self.audit(AuditEvent::TwoStepDisabled, Some(user.user_id)).await;
                Ok(format!("{email} signs in with the password alone.\n"))
            }
            UserCommand::Delete(email) => {
                let user = self.find(email).await?;
                self.storage.delete_account(user.user_id).await?;
                self.audit(AuditEvent::AccountDeleted, Some(user.user_id)).await;
                Ok(format!("{email} was deleted with all its data.\n"))
            }
        }
    }

    async fn add(
        &self,
        email: &Email,
        password: Option<PasswordText>,
    ) -> Result<String, UserError> {
        self.refuse_existing(email).await?;
        let has_password = password.is_some();
        // An account that is created without a password gets a random one, which is not kept.
        let password = match password {
            Some(password) => password,
            None => PasswordText::from(Token::generate()?.expose_secret().to_owned()),
        };
        let passwords = Passwords::new(self.cost)?;
        let address = std::net::Ipv4Addr::LOCALHOST.into();
        let password_hash = passwords.hash(address, password).await?;
        let user_id = UserId::from_bytes(self.ids.uuid_v7(self.now));
        let user = NewUser { user_id, email: email.as_str().to_owned(), password_hash };
        if !self.storage.add_user(user, self.now).await? {
            return Err(UserError::EmailTaken(email.clone()));
        }
        self.audit(AuditEvent::AccountAdded, Some(user_id)).await;
        if has_password {
            return Ok(format!("{email} can sign in.\n"));
        }
        let link = self.password_link(user_id).await?;
        Ok(format!(
            "{email} was added. With this link the user sets the password, once and within a \
             day:\n{link}\n"
        ))
    }

    async fn invite(&self, email: &Email) -> Result<String, UserError> {
        if self.config.registration == Registration::Closed {
            return Err(UserError::RegistrationClosed);
        }
        self.refuse_existing(email).await?;
        let token = Token::generate()?;
        let invitation = NewInvitation {
            email: email.as_str().to_owned(),
            hash: token.hash(),
            created_at: self.now,
            expires_at: self.expiry(INVITATION_LIFE_MS),
        };
        self.storage.add_invitation(invitation).await?;
        self.audit(AuditEvent::Invited, None).await;
        let link = self.public_url().invitation(&token);
        let mail = mail::invitation(email.as_str(), &link);
        self.deliver(email, "creates an account, once and within seven days", &link, mail).await
    }

    /// Prints a link, or sends it. If the mail is not sent, the link is printed, because it exists.
    async fn deliver(
        &self,
        email: &Email,
        use_of_it: &str,
        link: &str,
        mail: Mail,
    ) -> Result<String, UserError> {
        let printed = format!("With this link {email} {use_of_it}:\n{link}\n");
        let Some(mailer) = &self.mailer else { return Ok(printed) };
        match mailer.send(&mail).await {
            Ok(()) => Ok(format!(
                "{} accepted the mail for {email}. With the link in it {email} {use_of_it}.\n",
                mailer.server(),
            )),
            Err(error) => Err(UserError::NotMailed { report: LinkReport(printed), error }),
        }
    }

    async fn audit(&self, event: AuditEvent, user_id: Option<UserId>) {
        let subject = AuditSubject { user_id, address: None };
        audit::record(self.storage, self.ids, event, subject).await;
    }

    async fn password_link(&self, user_id: UserId) -> Result<String, UserError> {
        let token = Token::generate()?;
        let link = NewPasswordLink {
            user_id,
            hash: token.hash(),
            created_at: self.now,
            expires_at: self.expiry(PASSWORD_LINK_LIFE_MS),
        };
        self.storage.add_password_link(link).await?;
        Ok(self.public_url().set_password(&token))
    }

    async fn find(&self, email: &Email) -> Result<User, UserError> {
        let found = self.storage.find_user(email).await?;
        found.ok_or_else(|| UserError::Unknown(email.clone()))
    }

    async fn refuse_existing(&self, email: &Email) -> Result<(), UserError> {
        match self.storage.find_user(email).await? {
            Some(_) => Err(UserError::EmailTaken(email.clone())),
            None => Ok(()),
        }
    }

    const fn expiry(&self, life_ms: i64) -> Timestamp {
        self.now.saturating_add(DurationMs::from_ms(life_ms))
    }

    const fn public_url(&self) -> &PublicUrl {
        &self.config.public_url
    }
}

/// Reads the first line as a password that may be chosen for this email.
fn read_password(input: impl BufRead, email: &Email) -> Result<PasswordText, UserError> {
    let mut line = String::new();
    input.take(INPUT_BYTES_MAX).read_line(&mut line).map_err(UserError::Input)?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let password = PasswordText::from(text.to_owned());
    password.check(email).map_err(UserError::WeakPassword)?;
    Ok(password)
}
