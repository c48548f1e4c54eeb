-- A parcel has several rights, restrictions and responsibilities (ISO 19152).

ALTER TABLE parcel_right ADD COLUMN category TEXT NOT NULL DEFAULT 'right' CHECK (category IN ('right', 'restriction', 'responsibility'));
ALTER TABLE parcel_right ADD COLUMN certificate TEXT;
