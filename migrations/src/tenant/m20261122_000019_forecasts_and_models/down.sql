drop table product_embeddings;
drop table embedding_models;
drop table demand_forecast_products;
drop table demand_forecasts;
drop table ml_model_runs;
