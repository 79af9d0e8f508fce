//! Products.

use connect::Result;
use garde::Validate;
use rusqlite::{OptionalExtension as _, Row, named_params, params};
use serde::{Deserialize, Serialize};

use super::Db;

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its number.
    pub id: i64,
    /// One line.
    pub name: String,
    /// Some more of them.
    pub description: String,
    /// In cents.
    pub price: i64,
    /// How many are there.
    pub stock: i64,
    /// The name of the file with its image.
    pub image: Option<String>,
}

/// What an administrator says about a product.
#[derive(Debug, Default, Serialize, Deserialize, Validate)]
pub struct ProductDraft {
    /// One line.
    #[garde(length(chars, min = 1, max = 100))]
    pub name: String,
    /// Some more of them.
    #[garde(length(chars, max = 2000))]
    pub description: String,
    /// In cents.
    #[garde(range(min = 0, max = 100_000_000))]
    pub price: i64,
    /// How many are there.
    #[garde(range(min = 0, max = 1_000_000))]
    pub stock: i64,
}

const COLUMNS: &str = "id, name, description, price, stock, image";

fn product(row: &Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        price: row.get(3)?,
        stock: row.get(4)?,
        image: row.get(5)?,
    })
}

impl Db {
    /// Products behind a number, whose name contains a text.
    ///
    /// # Errors
    /// Of the database.
    pub async fn products(&self, search: String, after: i64, limit: u32) -> Result<Vec<Product>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM product
                 WHERE id > :after AND instr(lower(name), lower(:search)) > 0 ORDER BY id LIMIT :limit"
            ))?;
            let found = named_params! { ":after": after, ":search": search, ":limit": limit };
            Ok(query.query_map(found, product)?.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The product of a number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn product(&self, id: i64) -> Result<Option<Product>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM product WHERE id = ?"))?;
            Ok(query.query_row([id], product).optional()?)
        })
        .await
    }

    /// The products of these numbers that there are.
    ///
    /// # Errors
    /// Of the database.
    pub async fn products_of(&self, ids: Vec<i64>) -> Result<Vec<Product>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM product WHERE id = ?"))?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.extend(query.query_row([id], product).optional()?);
            }
            Ok(found)
        })
        .await
    }

    /// Adds a product, and returns its number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn add_product(&self, draft: ProductDraft) -> Result<i64> {
        self.write(move |db| {
            let ProductDraft { name, description, price, stock } = draft;
            db.execute(
                "INSERT INTO product (name, description, price, stock) VALUES (?, ?, ?, ?)",
                params![name, description, price, stock],
            )?;
            Ok(db.last_insert_rowid())
        })
        .await
    }

    /// Changes a product; `false` if there is none of this number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn change_product(&self, id: i64, draft: ProductDraft) -> Result<bool> {
        self.write(move |db| {
            let ProductDraft { name, description, price, stock } = draft;
            let changed = db.execute(
                "UPDATE product SET name = ?, description = ?, price = ?, stock = ? WHERE id = ?",
                params![name, description, price, stock, id],
            )?;
            Ok(changed > 0)
        })
        .await
    }

    /// Sets how many there are of a product; `false` if there is none of this number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_stock(&self, id: i64, stock: u32) -> Result<bool> {
        self.write(move |db| {
            Ok(db.execute("UPDATE product SET stock = ? WHERE id = ?", params![stock, id])? > 0)
        })
        .await
    }

    /// Sets the image of a product; `false` if there is none of this number.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_image(&self, id: i64, file: String) -> Result<bool> {
        self.write(move |db| {
            Ok(db.execute("UPDATE product SET image = ? WHERE id = ?", params![file, id])? > 0)
        })
        .await
    }
}
