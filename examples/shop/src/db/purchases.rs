//! Orders. `ORDER` is a word of SQL, and so the tables have another name.

use std::collections::BTreeMap;

use connect::{Result, bail};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::Db;

/// What is ordered: how many of each product.
pub type Lines = BTreeMap<i64, u32>;

/// An order.
#[derive(Debug, Serialize)]
pub struct Purchase {
    /// Its number.
    pub id: i64,
    /// The account that ordered.
    pub customer: i64,
    /// Where it is sent.
    pub address: String,
    /// `placed` or `shipped`.
    pub status: String,
    /// The time, in UTC.
    pub placed: String,
    /// What was ordered.
    pub lines: Vec<PurchaseLine>,
    /// The sum, in cents.
    pub total: i64,
}

/// What was ordered, at the price of then.
#[derive(Debug, Serialize)]
pub struct PurchaseLine {
    /// The number of a product.
    pub product: i64,
    /// Its name.
    pub name: String,
    /// In cents, for one.
    pub price: i64,
    /// How many of it.
    pub quantity: u32,
}

/// What became of an order.
#[derive(Debug)]
pub struct Placed {
    /// The number of the order.
    pub id: i64,
    /// The products that it took, and how many of each are left; empty if it had been placed before, with the same key.
    pub left: Vec<(i64, i64)>,
}

/// One order or those of one customer or all of them, the latest first.
const ORDERS: &str = "SELECT id, customer, address, status, placed FROM purchase
    WHERE (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR id = ?2) ORDER BY id DESC LIMIT 100";

fn purchases(db: &Connection, customer: Option<i64>, id: Option<i64>) -> Result<Vec<Purchase>> {
    let mut query = db.prepare_cached(ORDERS)?;
    let head = |row: &Row<'_>| {
        Ok(Purchase {
            id: row.get(0)?,
            customer: row.get(1)?,
            address: row.get(2)?,
            status: row.get(3)?,
            placed: row.get(4)?,
            lines: Vec::new(),
            total: 0,
        })
    };
    let mut found = query.query_map(params![customer, id], head)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut query =
        db.prepare_cached("SELECT product, name, price, quantity FROM purchase_line WHERE purchase = ?")?;
    for purchase in &mut found {
        let line = |row: &Row<'_>| {
            Ok(PurchaseLine {
                product: row.get(0)?,
                name: row.get(1)?,
                price: row.get(2)?,
                quantity: row.get(3)?,
            })
        };
        purchase.lines = query.query_map([purchase.id], line)?.collect::<rusqlite::Result<_>>()?;
        purchase.total = purchase.lines.iter().map(|line| line.price * i64::from(line.quantity)).sum();
    }
    Ok(found)
}

impl Db {
    /// Orders products, all of them or none. A second call with the key of an order returns that order.
    ///
    /// # Errors
    /// Status 409 if there are not enough of a product, 404 if there is none of a number; errors of the database.
    pub async fn place(&self, customer: i64, key: String, address: String, lines: Lines) -> Result<Placed> {
        self.write(move |db| {
            let mut before = db.prepare_cached("SELECT id FROM purchase WHERE key = ? AND customer = ?")?;
            if let Some(id) = before.query_row(params![key, customer], |row| row.get(0)).optional()? {
                return Ok(Placed { id, left: Vec::new() });
            }
            db.execute(
                "INSERT INTO purchase (customer, key, address) VALUES (?, ?, ?)",
                params![customer, key, address],
            )?;
            let id = db.last_insert_rowid();
            let mut product = db.prepare_cached("SELECT name, price, stock FROM product WHERE id = ?")?;
            let mut take = db.prepare_cached("UPDATE product SET stock = ? WHERE id = ?")?;
            let mut insert = db.prepare_cached("INSERT INTO purchase_line VALUES (?, ?, ?, ?, ?)")?;
            let mut left = Vec::with_capacity(lines.len());
            for (number, quantity) in lines {
                let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
                let found: Option<(String, i64, i64)> = product.query_row([number], row).optional()?;
                let Some((name, price, stock)) = found else { bail!(404, "there is no product {number}") };
                let rest = stock - i64::from(quantity);
                if rest < 0 {
                    bail!(409, "of \u{201c}{name}\u{201d} there are only {stock} left");
                }
                take.execute([rest, number])?;
                insert.execute(params![id, number, name, price, quantity])?;
                left.push((number, rest));
            }
            Ok(Placed { id, left })
        })
        .await
    }

    /// The latest orders: of a customer, or of all.
    ///
    /// # Errors
    /// Of the database.
    pub async fn purchases(&self, customer: Option<i64>) -> Result<Vec<Purchase>> {
        self.read(move |db| purchases(db, customer, None)).await
    }

    /// An order of a customer.
    ///
    /// # Errors
    /// Of the database.
    pub async fn purchase(&self, customer: i64, id: i64) -> Result<Option<Purchase>> {
        self.read(move |db| Ok(purchases(db, Some(customer), Some(id))?.pop())).await
    }

    /// Marks an order as shipped; `false` if there is none that is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn ship(&self, id: i64) -> Result<bool> {
        self.write(move |db| {
            let sql = "UPDATE purchase SET status = 'shipped' WHERE id = ? AND status = 'placed'";
            Ok(db.execute(sql, [id])? > 0)
        })
        .await
    }
}
