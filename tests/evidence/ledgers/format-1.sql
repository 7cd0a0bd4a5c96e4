PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE entries (
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	record_id TEXT NOT NULL, 
	target_seq INTEGER, 
	known_at TEXT NOT NULL, 
	recorded_at TEXT NOT NULL, 
	content TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	chain_hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "entries" VALUES(1,'record','E1',NULL,'2022-05-25','2026-11-27T03:33:22.655915+00:00','{"attribution":"","cluster":"","credibility":"1","date_precision":"day","event_date":"2022-05-24","id":"E1","indicator":"joint_patrol","known_at":"2022-05-25","known_at_basis":"exact","mutual":"1","note":"é 1","number":1.0,"recipient":"RUS","source_name":"ministry","source_reliability":"B","source_url_or_doc":"https://example.org/patrol","supporter":"CHN","theatre":"Asia-Pacific","value":"1"}','0aeddf6b3bc93240677ee9e04e07e992cd09578f7d83d20e443a91a048a63648','dbdf8e1c9f370d90ca592abb1ddd892186d9e4930b58d4ed338a50ec2c884adb');
INSERT INTO "entries" VALUES(2,'record','E2',NULL,'2022-05-25','2026-11-27T03:33:22.655915+00:00','{"attribution":"","cluster":"","credibility":"1","date_precision":"day","event_date":"2022-05-24","id":"E2","indicator":"joint_patrol","known_at":"2022-05-25","known_at_basis":"exact","mutual":"1","note":"é 2","number":1.0,"recipient":"RUS","source_name":"ministry","source_reliability":"B","source_url_or_doc":"https://example.org/patrol","supporter":"CHN","theatre":"Asia-Pacific","value":"1"}','daa61953b0d74eef2ab31c7c79de1b03ecbc3bf0c8250e25763bfb05a649b898','fffc39945e59549afe9f8566d80fb1f51fdc9288951e1c76a3a3b029bae0ad05');
INSERT INTO "entries" VALUES(3,'record','E3',NULL,'2022-05-25','2026-11-27T03:33:22.655915+00:00','{"attribution":"","cluster":"","credibility":"1","date_precision":"day","event_date":"2022-05-24","id":"E3","indicator":"joint_patrol","known_at":"2022-05-25","known_at_basis":"exact","mutual":"1","note":"é 3","number":1.0,"recipient":"RUS","source_name":"ministry","source_reliability":"B","source_url_or_doc":"https://example.org/patrol","supporter":"CHN","theatre":"Asia-Pacific","value":"1"}','b0de829f437b8c9c39dec948bd1f13b23c598bdd912c860098ae6bc74270dc36','5f4e7703e44b03014fe829fb61cad7d70bce6919d0d4293645e51f5aabffbcb7');
INSERT INTO "entries" VALUES(4,'supersede','E1',1,'2023-01-01','2026-11-27T03:33:22.658267+00:00','{"attribution":"","cluster":"","credibility":"1","date_precision":"day","event_date":"2022-05-24","id":"E1","indicator":"joint_patrol","known_at":"2022-05-25","known_at_basis":"exact","mutual":"1","note":"","number":2.0,"recipient":"RUS","source_name":"ministry","source_reliability":"B","source_url_or_doc":"https://example.org/patrol","supporter":"CHN","theatre":"Asia-Pacific","value":"2"}','be2266da9908d24bdc4f757b50b8dee8437720242d9ed2cbf608868fbae1fc9f','c2d3c6267f32a48ce1841e4400fee9cad32eca00600f2695ccfe3486423dc30a');
INSERT INTO "entries" VALUES(5,'retract','E2',2,'2023-02-01','2026-11-27T03:33:22.660239+00:00','{"why":"a hoax"}','35bd69f87c87905a914c8977d3e4bd49b53731dbd1eef8d958c5764eeabb451d','b7dbc12e2737c4218773b78e677da223230cb2a78ee3988ab214be52ada9c1d0');
CREATE INDEX ix_entries_known_at ON entries (known_at);
CREATE INDEX ix_entries_record_id ON entries (record_id);
COMMIT;
