//! Use cases: principals, purposes of use and repeated requests.

use jiku_model::EntityId;

use crate::facade::{ApiKeyView, IdempotencyClaim, NewKey, NewUser, PrincipalView, Purpose, SignedIn, UsageView};
use crate::registry::{Office, Result};
use crate::rights::{Right, require};
use crate::{Actor, Limits, principals, purposes, requests};

impl Office {
    /// Makes a user, or changes one: password, department and roles.
    pub fn create_user(&self, actor: &Actor, user: &NewUser) -> Result<PrincipalView> {
        require(actor, Right::Accounts)?;
        principals::create_user(&self.inner, actor, user)
    }

    /// Every principal, by name.
    pub fn list_principals(&self) -> Result<Vec<PrincipalView>> {
        principals::list_principals(&self.inner)
    }

    /// Lets a principal in, or no longer.
    pub fn enable_principal(&self, actor: &Actor, name: &str, enabled: bool) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::enable(&self.inner, actor, name, enabled)
    }

    /// Sets what a principal may reach beyond its roles.
    pub fn set_limits(&self, actor: &Actor, name: &str, limits: &Limits) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::set_limits(&self.inner, actor, name, limits)
    }

    /// Opens a session for a user with this password, and this one-time code when the account has a second factor;
    /// `Forbidden` says no more than that.
    pub fn sign_in(&self, name: &str, password: &str, code: Option<&str>) -> Result<SignedIn> {
        principals::sign_in(&self.inner, name, password, code)
    }

    /// A new secret for a second factor; it counts once [`Registry::set_second_factor`] has seen a code of it.
    pub fn new_second_factor(&self) -> Result<String> {
        principals::new_secret()
    }

    /// Gives the actor's own account a second factor. To put another one in its place takes a `proof`: a code of the present one, or the
    /// password.
    pub fn set_second_factor(&self, actor: &Actor, secret: &str, code: &str, proof: Option<&str>) -> Result<()> {
        principals::change_second_factor(&self.inner, actor, secret, code, proof)
    }

    /// Takes a lost second factor away.
    pub fn reset_second_factor(&self, actor: &Actor, name: &str) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::set_second_factor(&self.inner, actor, name, None)
    }

    /// Every registered purpose of use, by department.
    pub fn purposes(&self) -> Result<Vec<Purpose>> {
        purposes::list(&self.inner)
    }

    /// Registers a purpose of use for a department, or for every one (`*`).
    pub fn put_purpose(&self, actor: &Actor, purpose: &Purpose) -> Result<()> {
        require(actor, Right::Sources)?;
        purposes::put(&self.inner, actor, purpose)
    }

    /// Takes a purpose of use away; it may not be stated any more within seconds.
    pub fn delete_purpose(&self, actor: &Actor, department: &str, code: &str) -> Result<()> {
        require(actor, Right::Sources)?;
        purposes::delete(&self.inner, actor, department, code)
    }

    /// What the actor read today.
    #[must_use]
    pub fn own_usage(&self, actor: &Actor) -> UsageView {
        self.inner.usage.view(actor)
    }

    /// What every principal read today, on all nodes.
    pub fn usage(&self, actor: &Actor) -> Result<Vec<UsageView>> {
        require(actor, Right::Accounts)?;
        Ok(self.inner.usage.all())
    }

    /// Ends a session, on every node.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        principals::sign_out(&self.inner, token)
    }

    /// Makes a key; the secret is told once, here.
    pub fn create_key(&self, actor: &Actor, key: &NewKey) -> Result<(ApiKeyView, String)> {
        require(actor, Right::Accounts)?;
        principals::create_key(&self.inner, actor, key)
    }

    /// Every key, by principal.
    pub fn list_keys(&self) -> Result<Vec<ApiKeyView>> {
        principals::list_keys(&self.inner)
    }

    /// Ends a key, on every node within seconds.
    pub fn revoke_key(&self, actor: &Actor, id: &str) -> Result<()> {
        require(actor, Right::Accounts)?;
        principals::revoke_key(&self.inner, actor, id)
    }

    /// Whose token this is: a session's or a key's. `Forbidden` when it is nobody's (any more).
    pub fn authenticate(&self, token: &str) -> Result<Actor> {
        principals::authenticate(&self.inner, token)
    }

    /// Claims an `Idempotency-Key` for a request with this fingerprint, per department.
    pub fn claim_request(&self, actor: &Actor, key: &str, fingerprint: &[u8; 32]) -> Result<IdempotencyClaim> {
        requests::claim(&self.inner, actor, key, fingerprint)
    }

    /// Remembers the answer to a claimed request.
    pub fn complete_request(&self, actor: &Actor, key: &str, status: u16, body: &str) -> Result<()> {
        requests::complete(&self.inner, actor, key, status, body)
    }

    /// Writes down that an answer from before is given once more, with whom it shows and which fields of theirs: a reading like the first, durable
    /// before the answer leaves. Ids that stand for nobody, as those of a preview do, are passed over.
    ///
    /// # Errors
    /// When the trace cannot be written, a quota is used up, or the actor may no longer read one of the fields; then nothing is to be shown.
    pub fn answer_repeated(&self, actor: &Actor, shown: &[(EntityId, Vec<String>)]) -> Result<()> {
        requests::repeated(&self.inner, actor, shown)
    }

    /// Gives a claim back: the request was not done and may be repeated.
    pub fn abandon_request(&self, actor: &Actor, key: &str) -> Result<()> {
        requests::abandon(&self.inner, actor, key)
    }
}
