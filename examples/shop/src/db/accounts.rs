//! Accounts, and tokens for the API.

use connect::Result;
use connect_middleware::session::Principal;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

use super::Db;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Orders.
    Customer,
    /// Looks after products and orders, too.
    Admin,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Customer => "customer",
            Role::Admin => "admin",
        }
    }
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// The address that it signs in with.
    pub email: String,
    /// What it may do.
    pub role: Role,
}

impl Account {
    /// The account, for sessions and guards.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::new(self.id.to_string()).role(self.role.name())
    }
}

/// A token for the API, without its secret.
#[derive(Debug, Serialize)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let role = if row.get::<_, String>(2)? == Role::Admin.name() { Role::Admin } else { Role::Customer };
    Ok(Account { id: row.get(0)?, email: row.get(1)?, role })
}

impl Db {
    /// Adds an account, unless there is one with this address.
    ///
    /// # Errors
    /// Of the database.
    pub async fn add_account(&self, email: String, hash: String, role: Role) -> Result<Option<Account>> {
        self.write(move |db| {
            let mut insert = db.prepare_cached(
                "INSERT INTO account (email, password, role) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
                 RETURNING id, email, role",
            )?;
            Ok(insert.query_row(params![email, hash, role.name()], account).optional()?)
        })
        .await
    }

    /// The account of a number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn account(&self, id: i64) -> Result<Option<Account>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("SELECT id, email, role FROM account WHERE id = ?")?;
            Ok(query.query_row([id], account).optional()?)
        })
        .await
    }

    /// The account of an address, and the hash of its password.
    ///
    /// # Errors
    /// Of the database.
    pub async fn credentials(&self, email: String) -> Result<Option<(Account, String)>> {
        self.read(move |db| {
            let mut query =
                db.prepare_cached("SELECT id, email, role, password FROM account WHERE email = ?")?;
            Ok(query.query_row([email], |row| Ok((account(row)?, row.get(3)?))).optional()?)
        })
        .await
    }

    /// Sets the hash of a password.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_password(&self, account: i64, hash: String) -> Result<()> {
        self.write(move |db| {
            db.execute("UPDATE account SET password = ? WHERE id = ?", params![hash, account])?;
            Ok(())
        })
        .await
    }

    /// Adds a token, by the hash of its secret.
    ///
    /// # Errors
    /// Of the database.
    pub async fn add_token(&self, account: i64, name: String, hash: [u8; 32]) -> Result<()> {
        self.write(move |db| {
            db.execute(
                "INSERT INTO token (account, name, hash) VALUES (?, ?, ?)",
                params![account, name, hash],
            )?;
            Ok(())
        })
        .await
    }

    /// The tokens of an account.
    ///
    /// # Errors
    /// Of the database.
    pub async fn tokens(&self, account: i64) -> Result<Vec<Token>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("SELECT id, name FROM token WHERE account = ? ORDER BY id")?;
            let tokens =
                query.query_map([account], |row| Ok(Token { id: row.get(0)?, name: row.get(1)? }))?;
            Ok(tokens.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Removes a token of an account; `false` if it has none of this number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn remove_token(&self, account: i64, id: i64) -> Result<bool> {
        self.write(move |db| {
            Ok(db.execute("DELETE FROM token WHERE account = ? AND id = ?", [account, id])? > 0)
        })
        .await
    }

    /// The account of a token.
    ///
    /// # Errors
    /// Of the database.
    pub async fn token_owner(&self, hash: [u8; 32]) -> Result<Option<Account>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(
                "SELECT account.id, email, role FROM token JOIN account ON account.id = account WHERE hash = ?",
            )?;
            Ok(query.query_row([hash], account).optional()?)
        })
        .await
    }
}
