BEGIN TRANSACTION;
CREATE TABLE actions (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	mxid VARCHAR(255) NOT NULL, 
	line VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_actions PRIMARY KEY (id), 
	CONSTRAINT fk_actions_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "actions" VALUES(7,1,'@tn01:chat.example.org','line','2026-11-24 14:00:00.000000');
CREATE TABLE attendance (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	meeting VARCHAR(80) NOT NULL, 
	units INTEGER NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	made_up BOOLEAN NOT NULL, 
	"by" VARCHAR(255), 
	at DATETIME, 
	filed JSON NOT NULL, 
	CONSTRAINT pk_attendance PRIMARY KEY (id), 
	CONSTRAINT uq_attendance_course_id_person_meeting UNIQUE (course_id, person, meeting), 
	CONSTRAINT fk_attendance_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "attendance" VALUES(1,1,'tn01','a1',8,'bestaetigt',0,NULL,NULL,'{}');
INSERT INTO "attendance" VALUES(2,1,'tn02','a1',8,'bestaetigt',0,NULL,NULL,'{}');
CREATE TABLE ballots (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	mxid VARCHAR(255) NOT NULL, 
	event_id VARCHAR(255) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	poll VARCHAR(80), 
	about VARCHAR(255) NOT NULL, 
	answers JSON NOT NULL, 
	edit BOOLEAN NOT NULL, 
	power BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_ballots PRIMARY KEY (id), 
	CONSTRAINT fk_ballots_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE, 
	CONSTRAINT uq_ballots_event_id UNIQUE (event_id)
);
INSERT INTO "ballots" VALUES(7,1,'@tn01:chat.example.org','event_id','type','poll','about','{"ja": "!da"}',1,1,'2026-11-24 14:00:00.000000');
CREATE TABLE breaks (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	first DATE NOT NULL, 
	last DATE NOT NULL, 
	typed BOOLEAN NOT NULL, 
	CONSTRAINT pk_breaks PRIMARY KEY (id), 
	CONSTRAINT fk_breaks_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "breaks" VALUES(1,1,'Winterpause','2026-12-21','2027-01-08',0);
CREATE TABLE changes (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	sent INTEGER NOT NULL, 
	told BOOLEAN NOT NULL, 
	text VARCHAR NOT NULL, 
	says DATETIME, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_changes PRIMARY KEY (id), 
	CONSTRAINT fk_changes_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "changes" VALUES(7,1,'{}','{}',5,1,'It''s „Grüße“: :name %s','2026-11-24 14:00:00.000000','2026-11-24 14:00:00.000000');
CREATE TABLE courses (
	id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	title VARCHAR NOT NULL, 
	short_title VARCHAR NOT NULL, 
	timezone VARCHAR NOT NULL, 
	begins DATE NOT NULL, 
	ends DATE NOT NULL, 
	recording VARCHAR NOT NULL, 
	form VARCHAR NOT NULL, 
	gender VARCHAR NOT NULL, 
	lesson_minutes INTEGER NOT NULL, 
	quota_percent INTEGER NOT NULL, 
	proof VARCHAR NOT NULL, 
	controller VARCHAR NOT NULL, 
	privacy_url VARCHAR NOT NULL, 
	votes_kept_days INTEGER NOT NULL, 
	log_kept_days INTEGER NOT NULL, 
	feedback_kept_days INTEGER NOT NULL, 
	attendance_kept_months INTEGER NOT NULL, 
	feedback_minimum INTEGER NOT NULL, 
	quiet_from TIME, 
	quiet_until TIME, 
	quiet_weekend BOOLEAN NOT NULL, 
	project_units INTEGER NOT NULL, 
	project_due DATETIME, 
	presentation_minutes INTEGER NOT NULL, 
	stopped BOOLEAN NOT NULL, 
	imported_at DATETIME NOT NULL, 
	CONSTRAINT pk_courses PRIMARY KEY (id), 
	CONSTRAINT uq_courses_key UNIQUE ("key")
);
INSERT INTO "courses" VALUES(1,'nk-2026-2','Netzwerkkoordinator/in zur Fachkräftesicherung (IHK)','Netzwerkkoordination','Europe/Berlin','2026-11-02','2027-02-09','nein','neutral','neutral',45,80,'Projektarbeit in Kleingruppe mit Präsentation','IHK (Veranstalterin)','https://ihk.example.org/ds',7,30,30,3,5,'18:00:00.000000','07:30:00.000000',1,10,'2027-02-05 11:00:00.000000',15,0,'2026-10-01 10:00:00.000000');
CREATE TABLE declined (
	day DATE NOT NULL, 
	inviter VARCHAR(255) NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_declined PRIMARY KEY (day, inviter)
);
INSERT INTO "declined" VALUES('2026-11-23','inviter',3);
CREATE TABLE direct_chats (
	mxid VARCHAR(255) NOT NULL, 
	room_id VARCHAR(255), 
	again DATETIME NOT NULL, 
	CONSTRAINT pk_direct_chats PRIMARY KEY (mxid)
);
INSERT INTO "direct_chats" VALUES('@tn01:chat.example.org','!austausch:chat.example.org','2026-11-24 14:00:00.000000');
CREATE TABLE entries (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	network VARCHAR(80) NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	text VARCHAR NOT NULL, 
	struck BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (id), 
	CONSTRAINT fk_entries_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "entries" VALUES(7,1,'network','tn01','kind','It''s „Grüße“: :name %s',1,'2026-11-24 14:00:00.000000');
CREATE TABLE facts (
	name VARCHAR(80) NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('schema','1');
CREATE TABLE feedback (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	meeting VARCHAR(80) NOT NULL, 
	score INTEGER NOT NULL, 
	comment VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_feedback PRIMARY KEY (id), 
	CONSTRAINT uq_feedback_course_id_person_meeting UNIQUE (course_id, person, meeting), 
	CONSTRAINT fk_feedback_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "feedback" VALUES(7,1,'tn01','w1',5,'comment','2026-11-24 14:00:00.000000');
CREATE TABLE groups (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	topic VARCHAR NOT NULL, 
	CONSTRAINT pk_groups PRIMARY KEY (id), 
	CONSTRAINT uq_groups_course_id_number UNIQUE (course_id, number), 
	CONSTRAINT fk_groups_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "groups" VALUES(1,1,1,'Verstetigung');
INSERT INTO "groups" VALUES(2,1,2,'Angebote und Zielgruppen');
CREATE TABLE holidays (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	name VARCHAR NOT NULL, 
	states JSON NOT NULL, 
	CONSTRAINT pk_holidays PRIMARY KEY (id), 
	CONSTRAINT fk_holidays_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "holidays" VALUES(1,1,'2026-11-18','Buß- und Bettag','["SN"]');
INSERT INTO "holidays" VALUES(2,1,'2026-12-25','1. Weihnachtstag','["*"]');
CREATE TABLE inbox (
	event_id VARCHAR(255) NOT NULL, 
	understood BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (event_id)
);
INSERT INTO "inbox" VALUES('event_id',1,'2026-11-24 14:00:00.000000');
CREATE TABLE invitations (
	room_id VARCHAR(255) NOT NULL, 
	inviter VARCHAR(255) NOT NULL, 
	direct BOOLEAN NOT NULL, 
	accepted BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_invitations PRIMARY KEY (room_id)
);
INSERT INTO "invitations" VALUES('!austausch:chat.example.org','inviter',1,1,'2026-11-24 14:00:00.000000');
CREATE TABLE meetings (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	number INTEGER, 
	day DATE NOT NULL, 
	starts TIME NOT NULL, 
	ends TIME NOT NULL, 
	break_minutes INTEGER NOT NULL, 
	units INTEGER NOT NULL, 
	topic VARCHAR NOT NULL, 
	slot VARCHAR, 
	speakers JSON NOT NULL, 
	prompt VARCHAR NOT NULL, 
	task VARCHAR NOT NULL, 
	task_due DATETIME, 
	link VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	phone VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	folder VARCHAR NOT NULL, 
	materials JSON NOT NULL, 
	mandatory BOOLEAN NOT NULL, 
	cancelled BOOLEAN NOT NULL, 
	sequence INTEGER NOT NULL, 
	filed JSON NOT NULL, 
	CONSTRAINT pk_meetings PRIMARY KEY (id), 
	CONSTRAINT uq_meetings_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_meetings_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "meetings" VALUES(1,1,'a1','auftakt',NULL,'2026-11-02','09:00:00.000000','16:30:00.000000',90,8,'Auftakt Tag 1: Ankommen, Kennenlernen, 16 Netzwerke stellen sich vor',NULL,'["leitung-ihk", "leitung-stiftung"]','','',NULL,'https://video.example.org/nk2/a1','4711','0800 0000000, dann 4711#','','','[]',1,0,0,'{}');
INSERT INTO "meetings" VALUES(2,1,'a2','auftakt',NULL,'2026-11-03','09:00:00.000000','16:30:00.000000',90,8,'Auftakt Tag 2: Erster Austausch, Projektgruppen, Fahrplan',NULL,'["leitung-ihk", "leitung-stiftung", "ref-organisation"]','','',NULL,'https://video.example.org/nk2/a2','4711','0800 0000000, dann 4711#','','','[]',1,0,0,'{}');
CREATE TABLE networks (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	name VARCHAR NOT NULL, 
	short VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	area VARCHAR NOT NULL, 
	structure VARCHAR NOT NULL, 
	host VARCHAR NOT NULL, 
	host_text VARCHAR NOT NULL, 
	since INTEGER, 
	status VARCHAR NOT NULL, 
	partners JSON NOT NULL, 
	other_partners VARCHAR NOT NULL, 
	offers JSON NOT NULL, 
	needs JSON NOT NULL, 
	sentence VARCHAR NOT NULL, 
	CONSTRAINT pk_networks PRIMARY KEY (id), 
	CONSTRAINT uq_networks_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_networks_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "networks" VALUES(1,1,'wattkante','MINT-Region Wattkante','Wattkante','mint_region','NI','laendlich','schwach','wirtschaftsfoerderung','Wirtschaftsförderung eines Küstenlandkreises',2017,'etabliert','{"unternehmen": 14, "schulen": 18, "kitas": 6, "hochschulen": 1, "kammern": 1, "verwaltung": 4, "bildungstraeger": 3}','Nationalpark-Haus, Freiwillige Feuerwehren','["MINT-Mobil", "Experimentierkisten", "Lernorte mit Feuerwehr und Schwimmverein"]','["Honorarkr\u00e4fte gewinnen", "Verstetigung der Personalstelle"]','Wo Bus und Bahn selten fahren, kommt MINT mit dem Transporter.');
INSERT INTO "networks" VALUES(2,1,'heidewinkel','Fachkräftenetzwerk Heidewinkel','Heidewinkel','fachkraefte','NI','laendlich','stark','ihk','Regionalbüro einer IHK',2019,'etabliert','{"unternehmen": 52, "schulen": 9, "kitas": 0, "hochschulen": 1, "kammern": 2, "verwaltung": 5, "bildungstraeger": 4}','Agentur für Arbeit','["Betriebserkundungen", "Azubi-Botschafter/innen"]','["Eltern einbinden", "Social Media Redaktionsplan"]','Volle Auftragsbücher, leere Werkbänke: daran arbeiten wir.');
CREATE TABLE notices (
	course_id INTEGER NOT NULL, 
	cause VARCHAR(255) NOT NULL, 
	room_id VARCHAR(255) NOT NULL, 
	text VARCHAR NOT NULL, 
	edition INTEGER NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (course_id), 
	CONSTRAINT fk_notices_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "notices" VALUES(1,'cause','!austausch:chat.example.org','It''s „Grüße“: :name %s',5);
CREATE TABLE occurrences (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	cause VARCHAR(255) NOT NULL, 
	schedule VARCHAR(80) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	lead INTEGER NOT NULL, 
	room VARCHAR NOT NULL, 
	push BOOLEAN NOT NULL, 
	anchor DATETIME NOT NULL, 
	due DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_occurrences PRIMARY KEY (id), 
	CONSTRAINT fk_occurrences_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE, 
	CONSTRAINT uq_occurrences_cause UNIQUE (cause)
);
INSERT INTO "occurrences" VALUES(1,1,'anwesenheit_knapp/nk-2026-2/a1/2026-11-01T17:00','anwesenheit_knapp','a1',0,'orga',1,'2026-11-02 08:00:00.000000','2026-11-02 06:30:00.000000','2026-11-02 08:00:00.000000','geplant','');
INSERT INTO "occurrences" VALUES(2,1,'fragen/nk-2026-2/a1/2026-11-01T16:00','fragen','a1',0,'orga',0,'2026-11-02 08:00:00.000000','2026-11-02 06:30:00.000000','2026-11-02 08:00:00.000000','geplant','');
CREATE TABLE organisers (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	mxid VARCHAR(255) NOT NULL, 
	CONSTRAINT pk_organisers PRIMARY KEY (id), 
	CONSTRAINT uq_organisers_course_id_mxid UNIQUE (course_id, mxid), 
	CONSTRAINT fk_organisers_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "organisers" VALUES(1,1,'@leitung-ihk:chat.example.org');
INSERT INTO "organisers" VALUES(2,1,'@leitung-stiftung:chat.example.org');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	cause VARCHAR(255) NOT NULL, 
	course_id INTEGER, 
	room_id VARCHAR(255) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	content JSON NOT NULL, 
	file BLOB, 
	secret BOOLEAN NOT NULL, 
	due DATETIME NOT NULL, 
	expires DATETIME, 
	look_first BOOLEAN NOT NULL, 
	reply_room VARCHAR(255), 
	about VARCHAR(255), 
	reactions JSON, 
	state VARCHAR(12) NOT NULL, 
	event_id VARCHAR(255), 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_cause UNIQUE (cause), 
	CONSTRAINT fk_outbox_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE SET NULL
);
INSERT INTO "outbox" VALUES(7,'cause',1,'!austausch:chat.example.org','type','{}',X'00FF',1,'2026-11-24 14:00:00.000000','2026-11-24 14:00:00.000000',1,'reply_room','about','{"👍": "!da"}','state','event_id');
CREATE TABLE people (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	display VARCHAR NOT NULL, 
	network VARCHAR(80), 
	mxid VARCHAR(255), 
	status VARCHAR NOT NULL, 
	group_number INTEGER, 
	warned INTEGER NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_people_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "people" VALUES(1,1,'tn01','Koordination Wattkante','wattkante','@tn01:chat.example.org','aktiv',1,0);
INSERT INTO "people" VALUES(2,1,'tn02','Koordination Heidewinkel','heidewinkel','@tn02:chat.example.org','aktiv',2,0);
CREATE TABLE polls (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	question VARCHAR NOT NULL, 
	slots JSON NOT NULL, 
	procedure VARCHAR(20) NOT NULL, 
	votes_per_person INTEGER NOT NULL, 
	opens DATETIME NOT NULL, 
	closes DATETIME NOT NULL, 
	reminders JSON NOT NULL, 
	interim_visible BOOLEAN NOT NULL, 
	tie VARCHAR NOT NULL, 
	minimum INTEGER NOT NULL, 
	confirm_by DATE, 
	kind VARCHAR(12) NOT NULL, 
	election VARCHAR(80), 
	choices JSON NOT NULL, 
	among JSON NOT NULL, 
	cancelled BOOLEAN NOT NULL, 
	reopened DATETIME, 
	decision JSON NOT NULL, 
	decided_at DATETIME, 
	counted INTEGER, 
	filed JSON NOT NULL, 
	CONSTRAINT pk_polls PRIMARY KEY (id), 
	CONSTRAINT uq_polls_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_polls_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "polls" VALUES(1,1,'wahl-1','Welches Thema soll in den Januar-Webinaren drankommen?','["A", "B"]','mehrheit',1,'2026-11-30 08:00:00.000000','2026-12-11 11:00:00.000000','["2026-12-09T12:00:00+00:00", "2026-12-10T13:00:00+00:00"]',0,'leitung',8,'2026-12-18','wahl',NULL,'[]','[]',0,NULL,'{}',NULL,NULL,'{}');
CREATE TABLE quarantine (
	event_id VARCHAR(255) NOT NULL, 
	room_id VARCHAR(255) NOT NULL, 
	type VARCHAR(255) NOT NULL, 
	sender VARCHAR(255) NOT NULL, 
	error VARCHAR(255) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (event_id)
);
INSERT INTO "quarantine" VALUES('event_id','!austausch:chat.example.org','type','sender','error','2026-11-24 14:00:00.000000');
CREATE TABLE questions (
	room_id VARCHAR(255) NOT NULL, 
	mxid VARCHAR(255) NOT NULL, 
	answers JSON NOT NULL, 
	confirms BOOLEAN NOT NULL, 
	cause VARCHAR(255) NOT NULL, 
	asked DATETIME NOT NULL, 
	expires DATETIME NOT NULL, 
	CONSTRAINT pk_questions PRIMARY KEY (room_id, mxid)
);
INSERT INTO "questions" VALUES('!austausch:chat.example.org','@tn01:chat.example.org','{"ja": "!da"}',1,'cause','2026-11-24 14:00:00.000000','2026-11-24 14:00:00.000000');
CREATE TABLE quotes (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	text VARCHAR NOT NULL, 
	consent VARCHAR(12) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_quotes PRIMARY KEY (id), 
	CONSTRAINT fk_quotes_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "quotes" VALUES(7,1,'tn01','It''s „Grüße“: :name %s','consent','2026-11-24 14:00:00.000000');
CREATE TABLE reminders (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	lead INTEGER NOT NULL, 
	CONSTRAINT pk_reminders PRIMARY KEY (id), 
	CONSTRAINT uq_reminders_course_id_person_lead UNIQUE (course_id, person, lead), 
	CONSTRAINT fk_reminders_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "reminders" VALUES(7,1,'tn01',4);
CREATE TABLE rooms (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	address VARCHAR(255) NOT NULL, 
	room_id VARCHAR(255), 
	membership VARCHAR(10) NOT NULL, 
	CONSTRAINT pk_rooms PRIMARY KEY (id), 
	CONSTRAINT uq_rooms_course_id_kind UNIQUE (course_id, kind), 
	CONSTRAINT fk_rooms_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "rooms" VALUES(1,1,'ankuendigungen','#nk-2026-2-info:chat.example.org',NULL,'');
INSERT INTO "rooms" VALUES(2,1,'austausch','#nk-2026-2-austausch:chat.example.org',NULL,'');
CREATE TABLE rules (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	room VARCHAR NOT NULL, 
	push BOOLEAN NOT NULL, 
	weekday INTEGER, 
	days INTEGER, 
	minutes INTEGER, 
	minutes_after_end INTEGER, 
	clock TIME, 
	"trigger" VARCHAR, 
	until_start BOOLEAN NOT NULL, 
	checkin_from INTEGER, 
	checkin_until INTEGER, 
	texts JSON NOT NULL, 
	CONSTRAINT pk_rules PRIMARY KEY (id), 
	CONSTRAINT uq_rules_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_rules_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "rules" VALUES(1,1,'impuls','austausch',1,0,NULL,NULL,NULL,'09:00:00.000000',NULL,0,NULL,NULL,'{}');
INSERT INTO "rules" VALUES(2,1,'vortag','ankuendigungen',1,NULL,-1,NULL,NULL,'14:00:00.000000',NULL,0,NULL,NULL,'{}');
CREATE TABLE sealed_events (
	event_id VARCHAR(255) NOT NULL, 
	room_id VARCHAR(255) NOT NULL, 
	sender VARCHAR(255) NOT NULL, 
	source JSON NOT NULL, 
	sent DATETIME NOT NULL, 
	at DATETIME NOT NULL, 
	told DATETIME, 
	CONSTRAINT pk_sealed_events PRIMARY KEY (event_id)
);
INSERT INTO "sealed_events" VALUES('event_id','!austausch:chat.example.org','sender','{"type": "m.room.encrypted"}','2026-11-24 14:00:00.000000','2026-11-24 14:00:00.000000','2026-11-24 14:00:00.000000');
CREATE TABLE speaker_questions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	course_id INTEGER NOT NULL, 
	meeting VARCHAR(80) NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	text VARCHAR NOT NULL, 
	named BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT fk_speaker_questions_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "speaker_questions" VALUES(7,1,'w1','tn01','It''s „Grüße“: :name %s',1,'2026-11-24 14:00:00.000000');
CREATE TABLE speakers (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	role VARCHAR NOT NULL, 
	CONSTRAINT pk_speakers PRIMARY KEY (id), 
	CONSTRAINT uq_speakers_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_speakers_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "speakers" VALUES(1,1,'leitung-ihk','Lehrgangsleitung (IHK)');
INSERT INTO "speakers" VALUES(2,1,'leitung-stiftung','Lehrgangsleitung (Stiftung)');
CREATE TABLE subscriptions (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_subscriptions PRIMARY KEY (id), 
	CONSTRAINT uq_subscriptions_course_id_person UNIQUE (course_id, person), 
	CONSTRAINT fk_subscriptions_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE, 
	CONSTRAINT uq_subscriptions_digest UNIQUE (digest)
);
INSERT INTO "subscriptions" VALUES(7,1,'tn01','digest');
CREATE TABLE support (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	question INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	CONSTRAINT pk_support PRIMARY KEY (id), 
	CONSTRAINT uq_support_question_person UNIQUE (question, person), 
	CONSTRAINT fk_support_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE, 
	CONSTRAINT fk_support_question_speaker_questions FOREIGN KEY(question) REFERENCES speaker_questions (id) ON DELETE CASCADE
);
INSERT INTO "support" VALUES(7,1,7,'tn01');
CREATE TABLE tandem_members (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	paused BOOLEAN NOT NULL, 
	avoids JSON NOT NULL, 
	CONSTRAINT pk_tandem_members PRIMARY KEY (id), 
	CONSTRAINT uq_tandem_members_course_id_person UNIQUE (course_id, person), 
	CONSTRAINT fk_tandem_members_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "tandem_members" VALUES(7,1,'tn01',1,'["x"]');
CREATE TABLE tandem_seats (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	week DATE NOT NULL, 
	number INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	asked BOOLEAN NOT NULL, 
	met BOOLEAN, 
	CONSTRAINT pk_tandem_seats PRIMARY KEY (id), 
	CONSTRAINT uq_tandem_seats_course_id_week_person UNIQUE (course_id, week, person), 
	CONSTRAINT fk_tandem_seats_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "tandem_seats" VALUES(7,1,'2026-11-23',4,'tn01',1,1);
CREATE TABLE tasks_done (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	meeting VARCHAR(80) NOT NULL, 
	CONSTRAINT pk_tasks_done PRIMARY KEY (id), 
	CONSTRAINT uq_tasks_done_course_id_person_meeting UNIQUE (course_id, person, meeting), 
	CONSTRAINT fk_tasks_done_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "tasks_done" VALUES(7,1,'tn01','w1');
CREATE TABLE tips (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	person VARCHAR(80) NOT NULL, 
	event_id VARCHAR(255) NOT NULL, 
	text VARCHAR NOT NULL, 
	agreed BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_tips PRIMARY KEY (id), 
	CONSTRAINT uq_tips_course_id_event_id UNIQUE (course_id, event_id), 
	CONSTRAINT fk_tips_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "tips" VALUES(7,1,'tn01','event_id','It''s „Grüße“: :name %s',1,'2026-11-24 14:00:00.000000');
CREATE TABLE topics (
	id INTEGER NOT NULL, 
	course_id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	number INTEGER NOT NULL, 
	title VARCHAR NOT NULL, 
	short VARCHAR NOT NULL, 
	speaker VARCHAR, 
	wished INTEGER, 
	CONSTRAINT pk_topics PRIMARY KEY (id), 
	CONSTRAINT uq_topics_course_id_key UNIQUE (course_id, "key"), 
	CONSTRAINT fk_topics_course_id_courses FOREIGN KEY(course_id) REFERENCES courses (id) ON DELETE CASCADE
);
INSERT INTO "topics" VALUES(1,1,'konflikt',1,'Umgang mit schwierigen Situationen im Netzwerk','Schwierige Situationen','ref-konflikt',NULL);
INSERT INTO "topics" VALUES(2,1,'orgaentwicklung',2,'Organisationsentwicklung','Organisationsentwicklung','ref-oe',NULL);
CREATE TABLE upgrades (
	old VARCHAR(255) NOT NULL, 
	new VARCHAR(255) NOT NULL, 
	"by" VARCHAR(255) NOT NULL, 
	heirs JSON NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	CONSTRAINT pk_upgrades PRIMARY KEY (old)
);
INSERT INTO "upgrades" VALUES('old','new','by','["@leitung-ihk:chat.example.org"]','state');
CREATE INDEX ix_inbox_at ON inbox (at);
CREATE INDEX ix_sealed_events_sender ON sealed_events (sender);
CREATE INDEX ix_upgrades_new ON upgrades (new);
CREATE INDEX ix_direct_chats_room_id ON direct_chats (room_id);
CREATE INDEX ix_rules_course_id ON rules (course_id);
CREATE INDEX ix_occurrences_state_due ON occurrences (state, due);
CREATE INDEX ix_occurrences_course_id ON occurrences (course_id);
CREATE INDEX ix_actions_course_id ON actions (course_id);
CREATE INDEX ix_changes_course_id ON changes (course_id);
CREATE INDEX ix_outbox_event_id ON outbox (event_id);
CREATE INDEX ix_outbox_state_due ON outbox (state, due);
CREATE INDEX ix_rooms_course_id ON rooms (course_id);
CREATE INDEX ix_rooms_address ON rooms (address);
CREATE INDEX ix_rooms_room_id ON rooms (room_id);
CREATE INDEX ix_organisers_mxid ON organisers (mxid);
CREATE INDEX ix_organisers_course_id ON organisers (course_id);
CREATE INDEX ix_speakers_course_id ON speakers (course_id);
CREATE INDEX ix_meetings_course_id ON meetings (course_id);
CREATE INDEX ix_breaks_course_id ON breaks (course_id);
CREATE INDEX ix_holidays_course_id ON holidays (course_id);
CREATE INDEX ix_networks_course_id ON networks (course_id);
CREATE INDEX ix_entries_course_id ON entries (course_id);
CREATE INDEX ix_people_mxid ON people (mxid);
CREATE INDEX ix_people_course_id ON people (course_id);
CREATE INDEX ix_groups_course_id ON groups (course_id);
CREATE INDEX ix_attendance_course_id ON attendance (course_id);
CREATE INDEX ix_tandem_members_course_id ON tandem_members (course_id);
CREATE INDEX ix_tandem_seats_course_id ON tandem_seats (course_id);
CREATE INDEX ix_quotes_course_id ON quotes (course_id);
CREATE INDEX ix_tips_course_id ON tips (course_id);
CREATE INDEX ix_topics_course_id ON topics (course_id);
CREATE INDEX ix_polls_course_id ON polls (course_id);
CREATE INDEX ix_ballots_course_id ON ballots (course_id);
CREATE INDEX ix_feedback_course_id ON feedback (course_id);
CREATE INDEX ix_speaker_questions_course_id ON speaker_questions (course_id);
CREATE INDEX ix_tasks_done_course_id ON tasks_done (course_id);
CREATE INDEX ix_reminders_course_id ON reminders (course_id);
CREATE INDEX ix_subscriptions_course_id ON subscriptions (course_id);
CREATE INDEX ix_support_course_id ON support (course_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('speaker_questions',7);
COMMIT;
