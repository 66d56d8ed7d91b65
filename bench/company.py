"""A company with as many calls as wished, made by PostgreSQL itself: three years of them, twelve for each card.

Sixty people in six teams, twelve lines, six queues. Few people and few clients have most of the calls,
as everywhere. The same seed gives the same company.
"""

import time
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, Index, text

from hub.leads.models import ContactNumberRow, ContactRow, LeadRow
from hub.recordings.models import RecordingRow
from hub.storage import search
from hub.storage.database import Base
from hub.telephony.models import CallRow, ParticipantRow, TagRow

USERS = 60
TEAM = 10
CALLS_A_CARD = 12

PEOPLE = """
    INSERT INTO teams (id, name) SELECT n, 'Team ' || n FROM generate_series(1, 6) n;
    INSERT INTO users (id, email, name, roles, team_id, timezone, language, active, created_at)
    SELECT n, 'user' || n || '@example.org', 'User ' || n, '["manager"]', 1 + (n - 1) / 10, 'UTC', 'en', true, now()
    FROM generate_series(1, 60) n;
    INSERT INTO connections (id, name, kind, settings, enabled, created_at, state, refused)
    VALUES (1, 'pbx', 'asterisk', '{}', true, now(), 'connected', 0);
    INSERT INTO lines (number, name, region, timezone)
    SELECT '+3804455512' || lpad(n::text, 2, '0'), 'Line ' || n, 'UA', 'Europe/Kyiv' FROM generate_series(0, 11) n;
    INSERT INTO call_groups (id, connection_id) VALUES (1, 1);
"""
CARDS = """
    INSERT INTO contacts (id, name, company, owner_id, stand_in, do_not_call, tags, created_at, last_contact_at)
    SELECT n, initcap(md5(n::text)::char(6)) || ' ' || n, CASE WHEN n % 3 = 0 THEN 'Company ' || n / 30 END,
           1 + floor(power(random(), 1.5) * 60), n % 4 = 0, false, '[]', now(), now()
    FROM generate_series(1, :cards) n
"""
NUMBERS = """
    INSERT INTO contact_numbers (contact_id, e164, tail, typed)
    SELECT id, '+380' || (670000000 + id), (670000000 + id)::text, '0' || (670000000 + id) FROM contacts
"""
LEADS = """
    INSERT INTO leads (
        id, contact_id, status, current, source, owner_id, owner_why, assigned, created_at, last_touch_at)
    SELECT id, id, (ARRAY['new', 'in_work', 'converted', 'rejected'])[1 + id % 4], id % 4 < 2, 'call', owner_id, '',
           false, now(), now()
    FROM contacts WHERE id % 3 = 0
"""
# Dice are thrown once a row in the innermost query; what a call is follows from them.
CALLS = """
    INSERT INTO calls (
        id, connection_id, group_id, provider_call_id, version, direction, state, outcome, reason, external_number,
        external_tail, external_name, typed_number, line, queue, started_at, answered_at, ended_at, last_event_at,
        ring_seconds, talk_seconds, hold_seconds, duration_seconds, holds, hung_up_by, initiated_by, answered_by, legs,
        contact_id, owner_id, certainty, why, candidates, corrected, lead_id, history, tags, note,
        disposition)
    SELECT
        (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3)
            || '8' || substr(hash, 4, 15))::uuid,
        1, 1, floor(extract(epoch FROM at)) || '.' || n, 4, direction, 'ended', outcome,
        CASE outcome WHEN 'missed' THEN 'caller gave up' WHEN 'no_answer' THEN 'no answer' END,
        number, right(number, 9), CASE WHEN n % 5 = 0 THEN 'Caller ' || card END, number,
        CASE WHEN direction <> 'internal' THEN '+3804455512' || lpad(floor(line * line * 12)::text, 2, '0') END,
        CASE WHEN direction = 'inbound' AND line < 0.5 THEN 'queue' || floor(line * 12)::int END,
        at, CASE WHEN talk > 0 THEN at + interval '8 seconds' END, at + (8 + talk) * interval '1 second',
        at + (8 + talk) * interval '1 second', 8, talk, 0, 8 + talk, '[]', 'client',
        CASE WHEN direction <> 'inbound' THEN person END,
        CASE WHEN talk > 0 AND direction = 'inbound' THEN person END,
        CASE WHEN direction = 'inbound' THEN jsonb_build_array(person || jsonb_build_object(
            'rang_at', at, 'answered_at', at, 'left_at', at, 'outcome', 'answered', 'via', 'direct')) ELSE '[]' END,
        card, owner_id, CASE WHEN card IS NULL THEN 'not_applicable' ELSE 'certain' END, 'number stands on this card',
        CASE WHEN card IS NULL THEN '[]' ELSE jsonb_build_array(card) END, false,
        CASE WHEN card % 3 = 0 THEN card END, false, CASE WHEN n % 200 = 0 THEN '["complaint"]'::jsonb ELSE '[]' END,
        CASE WHEN n % 50 = 0 THEN 'asked for a discount' END,
        CASE WHEN n % 20011 = 0 THEN 'Fax' WHEN talk > 0 AND n % 3 = 0
            THEN (ARRAY['Agreed', 'Call later', 'Not interested', 'Wrong number'])[1 + n / 3 % 4] END
    FROM (
        SELECT thrown.*, contacts.owner_id,
            CASE WHEN card IS NOT NULL THEN '+380' || (670000000 + card) END AS number,
            jsonb_build_object('extension', (100 + who)::text, 'user_id', who) AS person,
            CASE WHEN talks THEN round((20 + power(luck, 4) * 1800)::numeric, 1)::float8 ELSE 0 END AS talk,
            CASE WHEN talks THEN 'answered'
                 WHEN direction = 'inbound' THEN CASE WHEN luck < 0.8 THEN 'missed' ELSE 'abandoned' END
                 ELSE CASE WHEN luck < 0.8 THEN 'no_answer' ELSE 'busy' END END AS outcome
        FROM (
            SELECT n, who, line, luck, kind, hash, at, chance < 0.72 AS talks,
                CASE WHEN kind < 0.6 THEN 'inbound' WHEN kind < 0.95 THEN 'outbound' ELSE 'internal' END AS direction,
                CASE WHEN kind < 0.95 THEN 1 + floor(power(client, 2) * :cards)::int END AS card
            FROM (
                SELECT n, md5(n::text) AS hash, now() - (:calls - n) * (interval '3 years' / :calls) AS at,
                    1 + floor(power(random(), 1.5) * 60)::int AS who, random() AS line, random() AS luck,
                    random() AS kind, random() AS client, random() AS chance
                FROM generate_series(1, :calls) n
            ) dice
        ) thrown LEFT JOIN contacts ON contacts.id = card
    ) told
"""
PARTICIPANTS = """
    INSERT INTO call_participants (call_id, user_id, because, started_at)
    SELECT id, (coalesce(answered_by, initiated_by, legs -> 0) ->> 'user_id')::int, 'took_part', started_at FROM calls
    UNION ALL SELECT id, owner_id, 'card', started_at FROM calls WHERE owner_id IS NOT NULL
    UNION ALL SELECT calls.id, leads.owner_id, 'lead', started_at FROM calls JOIN leads ON leads.id = calls.lead_id
"""
RECORDINGS = """
    INSERT INTO recordings (id, call_id, reference, state, seconds, channels, created_at)
    SELECT id, id, 'calls/' || id || '.wav', 'stored', talk_seconds, 1, started_at FROM calls WHERE talk_seconds > 0
"""
TAGS = """
    INSERT INTO call_tags (call_id, tag, started_at)
    SELECT id, tag, started_at FROM calls, jsonb_array_elements_text(tags) tag WHERE tags <> '[]'
"""
STATEMENTS = (CARDS, NUMBERS, LEADS, CALLS, PARTICIPANTS, RECORDINGS, TAGS)
LARGE: tuple[type[Base], ...] = (CallRow, ParticipantRow, RecordingRow, ContactRow, ContactNumberRow, LeadRow, TagRow)


def fill(engine: Engine, calls: int) -> float:
    """`calls` calls and all that belongs to them; the seconds it took. Indexes are built after the rows."""
    began = time.monotonic()
    sizes = {"calls": calls, "cards": max(calls // CALLS_A_CARD, 1)}
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # these rows need no checking
        connection.execute(text("SELECT setseed(0.42)"))
        connection.exec_driver_sql(PEOPLE)
        _without_indexes(connection)
        for statement in STATEMENTS:
            connection.execute(text(statement), {name: size for name, size in sizes.items() if f":{name}" in statement})
        _with_indexes(connection)
    search.prepare(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    return time.monotonic() - began


def _without_indexes(connection: Connection) -> None:
    for name in search.INDEXES:
        connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
    for index in _indexes():
        index.drop(connection)


def _with_indexes(connection: Connection) -> None:
    for index in _indexes():
        index.create(connection)


def _indexes() -> Iterator[Index]:
    for row in LARGE:
        yield from Base.metadata.tables[row.__tablename__].indexes
