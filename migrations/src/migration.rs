//! A migration that is two SQL files.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait};

/// What a folder of a migration holds.
#[derive(Clone, Copy)]
pub(crate) struct SqlMigration {
    pub name: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(self.down)
            .await?;
        Ok(())
    }
}

/// The migrations of a list, as the migrator wants them.
pub(crate) fn boxed(migrations: &[SqlMigration]) -> Vec<Box<dyn MigrationTrait>> {
    migrations
        .iter()
        .map(|migration| Box::new(*migration) as Box<dyn MigrationTrait>)
        .collect()
}
