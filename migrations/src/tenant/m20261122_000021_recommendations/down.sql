drop table uplift_measurements;
drop table recommendation_outcomes;
drop table assortment_recommendations;
drop table to_recommendations;
drop table po_recommendations;
