DROP TABLE export_request;
