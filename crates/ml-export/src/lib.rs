//! Parquet for data scientists: daily facts of products and places.
