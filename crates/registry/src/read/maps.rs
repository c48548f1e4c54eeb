//! What do maps show, and to whom?
//!
//! Maps read the memory and never the database, and nothing personal: so no trace is written.

use std::sync::Arc;

use chrono::NaiveDate;
use jiku_model::{Kind, civil_day};
use jiku_spatial::BoundingBox;
use jiku_spatial::tile::{TileAddress, TileOptions, TileValue, parcel_tile};

use crate::memory::{MapTile, ParcelView};
use crate::registry::Inner;
use crate::rights::{Right, require};
use crate::write::cadastre::is_over;
use crate::write::state::now;
use crate::{Actor, RegistryError};

/// From this level on a parcel in a tile carries its id and code; below they would take more room than the shapes.
const NAMED_FROM: u8 = 14;

/// Refuses whoever may not look: nobody in particular only where parcels are public.
pub(crate) fn admit(inner: &Inner, actor: Option<&Actor>) -> Result<(), RegistryError> {
    let Some(actor) = actor else {
        let refused = || RegistryError::Forbidden("parcels are not public here; sign in or send a key".into());
        return if inner.public_parcels { Ok(()) } else { Err(refused()) };
    };
    require(actor, Right::Read)?;
    if inner.public_parcels || actor.limits.reach_all(Kind::Parcel) {
        return Ok(());
    }
    Err(RegistryError::Forbidden("maps show every parcel; your rights reach only a part of them".into()))
}

/// The tile of an address, of this moment.
pub(crate) fn tile(inner: &Inner, address: TileAddress) -> Arc<MapTile> {
    let shelf = inner.core.shelf(Kind::Parcel);
    let today = civil_day(now());
    let drawn_on = inner.drawn_on.lock().replace(today);
    if drawn_on.is_some_and(|day| day != today) {
        // A parcel may have ended with the day, which no edit tells.
        shelf.tiles.drop_touched(BoundingBox::from_degrees(-180.0, -90.0, 180.0, 90.0).as_slice(), shelf.parcels.view().edition());
    }
    if let Some(tile) = shelf.tiles.get(address) {
        return tile;
    }
    let view = shelf.parcels.view();
    let tile = Arc::new(draw(&view, address, Some(today)));
    shelf.tiles.put(address, &tile, view.edition());
    tile
}

/// Draws the parcels of a moment, without those that have ended by a day.
pub(crate) fn draw(view: &ParcelView, address: TileAddress, day: Option<NaiveDate>) -> MapTile {
    let day = day.map(|day| day.to_string());
    let stands = |slot: u32| {
        let over = |day: &String| view.get(slot).is_some_and(|parcel| is_over(parcel.value("valid_to"), day));
        !day.as_ref().is_some_and(over)
    };
    let named = address.parts().0 >= NAMED_FROM;
    let properties = |slot: u32| {
        let Some(parcel) = view.get(slot) else { return Vec::new() };
        let mut properties = Vec::with_capacity(3);
        if named {
            properties.push(("id", TileValue::Text(parcel.id.to_string())));
        }
        for (column, value) in parcel.values() {
            if column.name == "land_use" || (named && column.name == "parcel_code") {
                properties.push((column.name, TileValue::Text(value.to_owned())));
            }
        }
        properties
    };
    let options = TileOptions { property_bytes: if named { 75 } else { 4 }, ..TileOptions::default() };
    MapTile::new(parcel_tile(view.places(), address, options, &stands, &properties).bytes)
}
