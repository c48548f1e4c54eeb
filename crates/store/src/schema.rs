//! Which tables and columns are there?
//!
//! One description for both databases; `migrations/sqlite` and `migrations/postgres` create what it says, and a test
//! compares all three with [`crate::catalogue`].

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    store_meta (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    data_key (number) {
        number -> Integer,
        purpose -> Text,
        algorithm -> Text,
        master -> Text,
        wrapped -> Binary,
        created_at -> Instant,
        retired_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    source_system (number) {
        number -> SmallInt,
        code -> Text,
        name -> Text,
        department -> Text,
        trust -> SmallInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    source_record (id) {
        id -> RecordNumber,
        kind -> KindNumber,
        source -> SmallInt,
        source_key -> Token,
        revision -> Integer,
        state -> Word,
        entity -> Nullable<Guid>,
        fingerprint -> Binary,
        received_at -> Instant,
        position -> BigInt,
        parsed -> Sealed,
        problems -> Text,
        payload -> Sealed,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    source_record_revision (record, revision) {
        record -> RecordNumber,
        revision -> Integer,
        state -> Word,
        recorded_from -> Instant,
        recorded_to -> Instant,
        fingerprint -> Binary,
        parsed -> Sealed,
        problems -> Text,
        payload -> Sealed,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    entity (id) {
        id -> Guid,
        kind -> KindNumber,
        state -> Word,
        redirect -> Nullable<Guid>,
        version -> Integer,
        created_at -> Instant,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    entity_version (entity, version) {
        entity -> Guid,
        version -> Integer,
        recorded_from -> Instant,
        position -> BigInt,
        state -> Word,
        redirect -> Nullable<Guid>,
        golden -> Sealed,
        members -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    judgement (id) {
        id -> Guid,
        decision -> Guid,
        left_record -> RecordNumber,
        right_record -> RecordNumber,
        verdict -> Word,
        origin -> Word,
        weight -> Nullable<Float>,
        probability -> Nullable<Float>,
        model -> Nullable<Text>,
        actor -> Text,
        at -> Instant,
        retracted_by -> Nullable<Guid>,
        evidence -> Sealed,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    decision (id) {
        id -> Guid,
        kind -> KindNumber,
        action -> Text,
        actor -> Text,
        at -> Instant,
        comment -> Nullable<Sealed>,
        undone_by -> Nullable<Guid>,
        body -> Sealed,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    decision_entity (entity, decision) {
        entity -> Guid,
        decision -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    review_task (id) {
        id -> Guid,
        kind -> KindNumber,
        left_record -> RecordNumber,
        right_record -> RecordNumber,
        reason -> Text,
        state -> Word,
        priority -> Integer,
        weight -> Nullable<Float>,
        probability -> Nullable<Float>,
        assigned_to -> Nullable<Text>,
        opened_at -> Instant,
        closed_at -> Nullable<Instant>,
        decision -> Nullable<Guid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    value_override (decision) {
        decision -> Guid,
        record -> RecordNumber,
        column_name -> Text,
        value -> Nullable<Sealed>,
        actor -> Text,
        reason -> Sealed,
        at -> Instant,
        released_at -> Nullable<Instant>,
        released_by -> Nullable<Guid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    change_log (position) {
        position -> BigInt,
        at -> Instant,
        actor -> Text,
        kind -> Nullable<KindNumber>,
        event -> Text,
        entity -> Nullable<Guid>,
        body -> Text,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    access_log (id) {
        id -> BigInt,
        at -> Instant,
        principal -> Text,
        department -> Text,
        purpose -> Nullable<Text>,
        action -> Text,
        kind -> KindNumber,
        entity -> Nullable<Guid>,
        fields -> Text,
        request_id -> Nullable<Text>,
        entities -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    job (id) {
        id -> Guid,
        action -> Text,
        kind -> Nullable<KindNumber>,
        name -> Text,
        digest -> Nullable<Text>,
        state -> Word,
        line -> BigInt,
        total -> Nullable<BigInt>,
        body -> Text,
        actor -> Text,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    rejection (job, line, ordinal) {
        job -> Guid,
        line -> BigInt,
        problems -> Text,
        raw -> Sealed,
        ordinal -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    idempotency_key (owner, key) {
        owner -> Text,
        key -> Text,
        fingerprint -> Binary,
        status -> Nullable<SmallInt>,
        answer -> Nullable<Sealed>,
        at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    principal (name) {
        name -> Text,
        display_name -> Text,
        department -> Text,
        roles -> Text,
        password_hash -> Nullable<Text>,
        active -> Bool,
        failures -> Integer,
        locked_until -> Nullable<Instant>,
        created_at -> Instant,
        limits -> Text,
        totp_secret -> Nullable<Sealed>,
        totp_step -> Nullable<BigInt>,
        staff_number -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    merge_proposal (id) {
        id -> Guid,
        kind -> KindNumber,
        entities -> Text,
        risks -> Text,
        comment -> Nullable<Sealed>,
        proposed_by -> Text,
        proposed_at -> Instant,
        state -> Word,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Instant>,
        answer -> Nullable<Sealed>,
        decision -> Nullable<Guid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    emergency_access (id) {
        id -> Guid,
        principal -> Text,
        department -> Text,
        reason -> Sealed,
        entity -> Nullable<Guid>,
        division -> Nullable<Text>,
        begun_at -> Instant,
        ends_at -> Instant,
        review_due_at -> Instant,
        reviewed_by -> Nullable<Text>,
        reviewed_at -> Nullable<Instant>,
        review -> Nullable<Sealed>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    export_request (id) {
        id -> Guid,
        kind -> KindNumber,
        in_full -> Bool,
        most_rows -> BigInt,
        purpose -> Text,
        reason -> Sealed,
        requested_by -> Text,
        department -> Text,
        requested_at -> Instant,
        ends_at -> Instant,
        state -> Word,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Instant>,
        answer -> Nullable<Sealed>,
        taken_at -> Nullable<Instant>,
        sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    purpose (department, code) {
        department -> Text,
        code -> Text,
        title -> Text,
        created_at -> Instant,
        actor -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    read_usage (day, principal, node) {
        day -> BigInt,
        principal -> Text,
        node -> Text,
        department -> Text,
        requests -> BigInt,
        entities -> BigInt,
        persons -> BigInt,
        locked_until -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    person_seen (day, node, number) {
        day -> BigInt,
        node -> Text,
        number -> BigInt,
        principal -> Text,
        persons -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    api_key (prefix) {
        prefix -> Text,
        hash -> Binary,
        principal -> Text,
        label -> Text,
        created_at -> Instant,
        expires_at -> Instant,
        revoked_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    session (hash) {
        hash -> Binary,
        principal -> Text,
        created_at -> Instant,
        last_seen_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    match_model (kind, version) {
        kind -> KindNumber,
        version -> Integer,
        toml -> Text,
        active -> Bool,
        created_at -> Instant,
        actor -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    survivorship (kind, version) {
        kind -> KindNumber,
        version -> Integer,
        toml -> Text,
        active -> Bool,
        created_at -> Instant,
        actor -> Text,
        decision -> Nullable<Guid>,
        to_compose -> BigInt,
        composed -> BigInt,
        changed -> BigInt,
        composed_through -> Nullable<Guid>,
        composed_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    person (entity) {
        entity -> Guid,
        name -> Nullable<Text>,
        id_type -> Nullable<Text>,
        id_number -> Nullable<Sealed>,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Text>,
        phone -> Nullable<Sealed>,
        address -> Nullable<Sealed>,
        division -> Nullable<Text>,
        ethnic_group -> Nullable<Text>,
        nationality -> Nullable<Text>,
        former_name -> Nullable<Text>,
        status -> Nullable<Text>,
        valid_from -> Nullable<Text>,
        marital_status -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    legal_person (entity) {
        entity -> Guid,
        name -> Nullable<Text>,
        uscc -> Nullable<Text>,
        registration_number -> Nullable<Text>,
        legal_form -> Nullable<Text>,
        legal_representative -> Nullable<Text>,
        legal_representative_id -> Nullable<Sealed>,
        registered_capital -> Nullable<Text>,
        established_on -> Nullable<Text>,
        industry -> Nullable<Text>,
        address -> Nullable<Sealed>,
        division -> Nullable<Text>,
        phone -> Nullable<Sealed>,
        status -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    parcel (entity) {
        entity -> Guid,
        parcel_code -> Nullable<Text>,
        unit_code -> Nullable<Text>,
        land_use -> Nullable<Text>,
        registered_area_m2 -> Nullable<Double>,
        location -> Nullable<Text>,
        right_holder -> Nullable<Text>,
        right_holder_id -> Nullable<Sealed>,
        right_type -> Nullable<Text>,
        valid_from -> Nullable<Text>,
        geometry -> Nullable<Binary>,
        min_lon -> Nullable<Double>,
        min_lat -> Nullable<Double>,
        max_lon -> Nullable<Double>,
        max_lat -> Nullable<Double>,
        planar_area_m2 -> Nullable<Double>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    relationship (from_entity, ordinal) {
        from_entity -> Guid,
        ordinal -> SmallInt,
        from_kind -> KindNumber,
        role -> Text,
        to_number -> Nullable<Token>,
        to_name -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    parcel_right (parcel, ordinal) {
        parcel -> Guid,
        ordinal -> SmallInt,
        party_number -> Nullable<Token>,
        party_name -> Nullable<Text>,
        right_type -> Nullable<Text>,
        share -> Nullable<Text>,
        valid_from -> Nullable<Text>,
        valid_to -> Nullable<Text>,
        category -> Text,
        certificate -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    parcel_lineage (child, parent, decision) {
        child -> Guid,
        parent -> Guid,
        operation -> Text,
        decision -> Guid,
        at -> Instant,
        share -> Double,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::sql::*;

    parcel_former (entity, version) {
        entity -> Guid,
        version -> Integer,
        parcel_code -> Nullable<Text>,
        operation -> Text,
        decision -> Nullable<Guid>,
        valid_from -> Nullable<Text>,
        valid_to -> Nullable<Text>,
        min_lon -> Nullable<Double>,
        min_lat -> Nullable<Double>,
        max_lon -> Nullable<Double>,
        max_lat -> Nullable<Double>,
        at -> Instant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(entity, entity_version, decision, decision_entity);
