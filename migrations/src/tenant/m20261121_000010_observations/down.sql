drop table category_social_ad_daily;
drop table product_social_ad_daily;
drop table location_web_analytics_daily;
drop table product_web_analytics_daily;
drop table category_market_observations;
drop table product_market_observations;
